import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "@holdfast/engine";
import {
  Metrics,
  openAudit,
  openQuotas,
  openUpstreams,
  type Audit,
  type AuditRow,
  type GatewayOptions,
  type StatusProfile,
} from "@holdfast/gateway";
import {
  grant,
  MemoryControl,
  testCredential,
} from "../../packages/gateway/src/access/memory-control.test.support.ts";
import {
  credentials,
  startSubject,
  type Subject,
} from "../../packages/gateway/src/s3-subject.test.support.ts";
import { eventually } from "../proofs/eventually.ts";

/** A gateway as the document has it: tenants, an upstream, and all that is counted and kept of a refusal. */
export interface DocumentWorld extends Subject {
  readonly profile: StatusProfile;
  readonly control: MemoryControl;
  readonly metrics: Metrics;
  /** The row of a request, once it is on stable storage. */
  readonly auditOf: (requestId: string) => Promise<AuditRow>;
}

/** Whose requests are signed; each has what its name says. */
export const tenants = {
  tenant: testCredential("AKIATENANTTENANTTEN1", {
    grants: [
      grant("full", "", "write"),
      grant("mine", "", "read", "write", "list", "delete"),
      grant("far", "", "read", "write", "list"),
      grant("unknown-there", "", "read", "list"),
      grant("garbled", "", "read", "list"),
      grant("down", "", "read", "list"),
    ],
  }),
  disabled: testCredential("AKIADISABLEDDISABLE1", { disabled: true }),
  expired: testCredential("AKIAEXPIREDEXPIRED01", { expiresAt: 1 }),
  limited: testCredential("AKIALIMITEDLIMITED01", {
    grants: [grant("mine", "", "read", "list")],
    limits: { requestsPerSecond: 0.01 },
  }),
} as const;

const error = (code: string): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>inner.example</Message></Error>`;

/** Answers by the bucket that is asked for. */
function startUpstream(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    const [, bucket] = (request.url ?? "").split(/[/?]/);
    if (bucket === "acme-garbled") {
      response.writeHead(200, { "content-type": "text/html" }).end("<html>Welcome");
      return;
    }
    const code = bucket === "acme-gone" ? "NoSuchBucket" : "NoSuchKey";
    response.writeHead(404, { "content-type": "application/xml" }).end(error(code));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** It is given to no service, and no system gives it away. */
const unusedPort = 4;

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("not listening");
  return address.port;
}

const attached = {
  far: ["there", "acme-far"],
  "unknown-there": ["there", "acme-gone"],
  garbled: ["there", "acme-garbled"],
  down: ["nowhere", "acme-down"],
} as const;

function makeControl(): MemoryControl {
  const root = { ...credentials, grants: "all", disabled: false } as const;
  const control = new MemoryControl(root, ...Object.values(tenants));
  for (const [bucket, [upstream, remoteBucket]] of Object.entries(attached)) {
    control.attach(bucket, { bucket, upstream, remoteBucket, createdAt: 0 });
  }
  return control;
}

async function rowOf(audit: Audit, requestId: string): Promise<AuditRow> {
  await eventually(async () => {
    await audit.recorded();
    return (await audit.query({ requestId })).rows.length;
  }, 1);
  const { rows } = await audit.query({ requestId });
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`${rows.length} rows of ${requestId}`);
  return row;
}

/** Starts it; `mine` is a bucket of its own engine, and the other buckets are kept elsewhere. */
export async function startDocumentWorld(
  profile: StatusProfile,
  options: Partial<GatewayOptions> = {},
): Promise<DocumentWorld> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-document-"));
  const upstream = await startUpstream();
  const control = makeControl();
  const metrics = new Metrics();
  const audit = await openAudit({ directory: join(directory, "audit"), windowMs: 1 });
  const farCredentials = { accessKeyId: "AKIAFAR", secretAccessKey: "a secret of the upstream" };
  const upstreams = openUpstreams(
    [
      ["there", portOf(upstream)],
      ["nowhere", unusedPort],
    ].map(([name, port]) => ({
      name: String(name),
      endpoints: [`http://127.0.0.1:${port}`],
      region: "us-east-1",
      credentials: farCredentials,
    })),
  );
  const engine = await openEngine({ directory: join(directory, "engine") });
  for (const bucket of ["mine", "full"]) await engine.createBucket(bucket);
  const quotas = await openQuotas({
    file: join(directory, "usage.db"),
    engine,
    quotaOf: (bucket) => (bucket === "full" ? { hardBytes: 3 } : undefined),
    upstreams: undefined,
    attachmentOf: () => undefined,
  });
  const subject = await startSubject(profile, {
    engine,
    quotas,
    control,
    metrics,
    upstreams,
    anonymous: true,
    audit,
    ...options,
  });
  return {
    ...subject,
    engine,
    directory: join(directory, "engine"),
    profile,
    control,
    metrics,
    auditOf: (requestId) => rowOf(audit, requestId),
    async close() {
      await subject.close();
      await quotas.close();
      await engine.close();
      await upstreams.close();
      await audit.close();
      upstream.closeAllConnections();
      await new Promise((resolve) => upstream.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}
