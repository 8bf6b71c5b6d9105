import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { openEngine, type Engine, type OpenEngine } from "@holdfast/engine";
import {
  rootControl,
  startGateway,
  type Control,
  type Credential,
  type Gateway,
  type StatusProfile,
} from "@holdfast/gateway";
import { checkBucketName, type SigningCredentials } from "@holdfast/protocol";
import * as v from "valibot";
import type { Fault } from "./faults/fault.ts";
import type { FaultHandle } from "./faults/fault-set.ts";
import { leftoversOf, type Leftovers } from "./leftovers.ts";
import { makeScratchDirectory } from "./scratch-directory.ts";
import type { SeenRequest } from "./seen-request.ts";
import { LabServer } from "./wire/lab-server.ts";

export interface LabOptions {
  /** Decides on everything that is left to chance: same seed, same faults. 1 unless told. */
  readonly seed?: number;
  /** Buckets to make at the start. */
  readonly buckets?: readonly string[];
  readonly faults?: readonly Fault[];
  readonly credentials?: SigningCredentials;
  /** Others that the server knows: such as may do nothing, or whose session is over. */
  readonly others?: readonly LabCredential[];
  /** `us-east-1` unless told. */
  readonly region?: string;
  readonly statusProfile?: StatusProfile;
  /** Of loopback, and a free port, unless told. */
  readonly host?: string;
  readonly port?: number;
}

/** A credential beside the lab's own. */
export interface LabCredential extends SigningCredentials {
  readonly may: "all" | "nothing";
  /** Milliseconds since 1970; of one with a session token. */
  readonly expiresAt?: number;
}

/** An S3 endpoint with authentication on, which fails as it is told. */
export interface Lab {
  /** `http://HOST:PORT`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: SigningCredentials;
  /** What arrived, attempt by attempt: the newest 10,000. */
  readonly requests: readonly SeenRequest[];
  /** Sets a fault; throws a `FaultError` that says what is wrong with one that cannot be. */
  fault(fault: Fault): FaultHandle;
  /** Ends all faults and forgets what arrived. */
  reset(): void;
  /** Ends the connections that no request is on, as servers do after a while; resolves once their peers know. */
  hangUp(): Promise<void>;
  /** The numbers of faults that have befallen nothing: a test that set them tested something else. */
  readonly unfired: readonly number[];
  /** What clients left behind: open uploads with their parts, and writes that were done and never acknowledged. */
  leftovers(): Promise<Leftovers>;
  /** Sets the server's clock off by so many milliseconds; 0 is right again. */
  skew(ms: number): void;
  /** Cuts every connection and takes everything away. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const credentialsDefault: SigningCredentials = {
  accessKeyId: "AKIALABLABLABLABLABL",
  secretAccessKey: "the lab's secret, which is no secret",
};

const skewSchema = v.strictObject({ ms: v.pipe(v.number(), v.finite()) });

const defaults = {
  credentials: credentialsDefault,
  region: "us-east-1",
  host: "127.0.0.1",
  port: 0,
  seed: 1,
  buckets: [],
  faults: [],
  others: [],
} satisfies LabOptions;

/** In memory where the system has a file system for it, as Linux does. */
const memory = "/dev/shm";

/** Starts a gateway with an engine of its own within this process, and the faults before it. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { lab } = await openLab(options);
  return lab;
}

/** A lab, and the engine below it for whoever arranges and looks without a request. */
export async function openLab(
  options: LabOptions,
): Promise<{ readonly lab: Lab; readonly engine: Engine }> {
  const { credentials, region, host, port, seed, buckets, faults, others } = {
    ...defaults,
    ...options,
  };
  const base = existsSync(memory) ? memory : tmpdir();
  const directory = makeScratchDirectory("lab", base);
  const undo: (() => Promise<void>)[] = [() => rm(directory, { recursive: true })];
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    // One that fails must not keep the others open.
    for (const step of undo.splice(0).toReversed()) {
      await step().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, "a lab did not close cleanly");
  };
  try {
    const clock = { skewMs: 0 };
    const now = (): number => Date.now() + clock.skewMs;
    const engine = await openEngine({ directory });
    undo.push(() => engine.close());
    for (const bucket of buckets) {
      checkBucketName(bucket);
      await engine.createBucket(bucket);
    }
    const gateway = await startServer(engine, { ...options, credentials, others, region, now });
    undo.push(() => gateway.close({ graceMs: 0 }));
    const server: LabServer = await LabServer.start({
      upstream: { protocol: "http:", host: gateway.host, port: gateway.port },
      seed,
      host,
      port,
      signing: { credentials, region, now },
      pages: {
        leftovers: () => leftoversOf(engine, server.requests),
        skew: (body) => {
          clock.skewMs = v.parse(skewSchema, body).ms;
        },
      },
    });
    undo.push(() => server.close());
    for (const fault of faults) server.faults.add(fault);
    return { engine, lab: labOf(server, { engine, clock, credentials, region, host, close }) };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Parts {
  readonly engine: OpenEngine;
  readonly clock: { skewMs: number };
  readonly credentials: SigningCredentials;
  readonly region: string;
  readonly host: string;
  readonly close: () => Promise<void>;
}

function labOf(server: LabServer, parts: Parts): Lab {
  const { engine, clock, credentials, region, host, close } = parts;
  return {
    endpoint: `http://${host.includes(":") ? `[${host}]` : host}:${server.port}`,
    region,
    credentials,
    requests: server.requests,
    fault: (fault) => server.faults.add(fault),
    get unfired() {
      return server.faults.unfired;
    },
    reset: () => server.reset(),
    hangUp: () => server.hangUp(),
    leftovers: () => leftoversOf(engine, server.requests),
    skew: (ms) => {
      clock.skewMs = ms;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function startServer(
  engine: OpenEngine,
  options: Pick<Parts, "credentials" | "region"> &
    Pick<LabOptions, "statusProfile"> & {
      readonly now: () => number;
      readonly others: readonly LabCredential[];
    },
): Promise<Gateway> {
  const { now, credentials, others, region, statusProfile = "documented" } = options;
  return startGateway({
    engine,
    control: controlOf(credentials, others),
    region,
    statusProfile,
    host: "127.0.0.1",
    port: 0,
    now,
  });
}

function controlOf(root: SigningCredentials, others: readonly LabCredential[]): Control {
  const control = rootControl(root);
  const known = new Map(
    others.map(({ may, ...one }): [string, Credential] => [
      one.accessKeyId,
      { ...one, grants: may === "all" ? "all" : [], disabled: false },
    ]),
  );
  return { ...control, credential: (id) => known.get(id) ?? control.credential(id) };
}
