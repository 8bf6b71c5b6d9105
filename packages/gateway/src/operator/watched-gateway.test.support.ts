import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine, type Health, type OpenEngine } from "@holdfast/engine";
import { presign, signRequest } from "@holdfast/protocol";
import { MemoryControl } from "../access/memory-control.test.support.ts";
import type { Credential } from "../access/credential.ts";
import { openAudit, type Audit } from "../audit/audit-log.ts";
import { startGateway } from "../gateway.ts";
import type { Gateway, GatewayOptions, RequestRecord } from "../options.ts";

const region = "us-east-1";

/** The credential of the tests: a tenant's, which may do everything. */
export const tenant: Credential = {
  accessKeyId: "AKIDEXAMPLE0123456",
  secretAccessKey: "wJalrXUtnFEMI+K7MDENG-bPxRfiCYEXAMPLE",
  tenant: "acme",
  grants: "all",
  disabled: false,
};

/** A request as a test asks for it. */
export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly credentials?: Pick<Credential, "accessKeyId" | "secretAccessKey" | "sessionToken">;
}

/** A gateway of which everything is recorded. */
export interface Watched {
  readonly engine: OpenEngine;
  readonly gateway: Gateway;
  readonly audit: Audit;
  readonly auditDirectory: string;
  readonly control: MemoryControl;
  readonly records: RequestRecord[];
  /** What `/readyz` is told of the engine; a test may set it. */
  health: Health;
  signed(target: string, asked?: Asked): Promise<Response>;
  presigned(target: string): string;
  close(): Promise<void>;
}

/** Starts one; `close` takes everything away again. */
export async function startWatched(options: Partial<GatewayOptions> = {}): Promise<Watched> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-watched-"));
  const engine = await openEngine({ directory: join(directory, "data") });
  const auditDirectory = join(directory, "audit");
  const audit = await openAudit({ directory: auditDirectory });
  const control = new MemoryControl(tenant);
  const records: RequestRecord[] = [];
  const gateway = await startGateway({
    engine,
    health: () => watched.health,
    audit,
    control,
    region,
    statusProfile: "documented",
    host: "127.0.0.1",
    port: 0,
    log: (record) => records.push(record),
    ...options,
  });
  const host = `127.0.0.1:${gateway.port}`;
  const watched: Watched = {
    engine,
    gateway,
    audit,
    auditDirectory,
    control,
    records,
    health: engine.health(),
    signed: (target, { method = "GET", credentials = tenant, headers: own = {}, body } = {}) => {
      const headers = signRequest(
        { method, target, headers: { ...own, host } },
        { credentials: plain(credentials), region, now: Date.now(), payload: "UNSIGNED-PAYLOAD" },
      );
      return fetch(`${gateway.endpoint}${target}`, {
        method,
        headers,
        ...(body !== undefined && { body }),
      });
    },
    presigned: (target) =>
      presign(
        { method: "GET", target, headers: { host } },
        { credentials: plain(tenant), region, now: Date.now(), expiresSeconds: 60 },
      ),
    async close() {
      await gateway.close({ graceMs: 0 });
      await audit.close();
      await engine.close();
      await rm(directory, { recursive: true });
    },
  };
  return watched;
}

type SigningSecrets = Parameters<typeof signRequest>[1]["credentials"];

function plain({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: NonNullable<Asked["credentials"]>): SigningSecrets {
  return sessionToken === undefined
    ? { accessKeyId, secretAccessKey }
    : { accessKeyId, secretAccessKey, sessionToken };
}
