import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine, type Engine } from "@holdfast/engine";
import {
  rootControl,
  startGateway,
  type Gateway,
  type GatewayLimits,
  type RequestRecord,
} from "@holdfast/gateway";
import { region, rootCredential } from "./root-credential.ts";

/** A gateway on a real engine, within this process. */
export interface LocalGateway {
  readonly gateway: Gateway;
  readonly port: number;
  readonly engine: Engine;
  readonly records: RequestRecord[];
  /** Calls that reached the engine since the start. */
  readonly engineCalls: () => number;
  /** Files of objects, visible or not. */
  readonly blobs: () => Promise<number>;
  /** Descriptors that are open on files of objects. */
  readonly openBlobs: () => number;
  close(): Promise<void>;
}

/** Starts one on a directory of its own, with the bucket `proofs` and one named `other`. */
export async function startLocalGateway(
  limits: Partial<GatewayLimits> = {},
  wrap: (engine: Engine) => Engine = (engine) => engine,
): Promise<LocalGateway> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-proof-"));
  const engine = await openEngine({ directory });
  await engine.createBucket("proofs");
  await engine.createBucket("other");
  const counted = countCalls(wrap(engine));
  const records: RequestRecord[] = [];
  const gateway = await startGateway({
    engine: counted.engine,
    control: rootControl(rootCredential),
    region,
    statusProfile: "documented",
    log: (record) => records.push(record),
    host: "127.0.0.1",
    port: 0,
    limits,
  });
  const blobRoot = join(directory, "blobs");
  return {
    gateway,
    port: gateway.port,
    engine,
    records,
    engineCalls: counted.calls,
    blobs: async () => {
      const entries = await readdir(blobRoot, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).length;
    },
    openBlobs: () => openUnder(blobRoot),
    close: async () => {
      await gateway.close({ graceMs: 1000 });
      await engine.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function countCalls(engine: Engine): { engine: Engine; calls: () => number } {
  let calls = 0;
  const proxy = new Proxy(engine, {
    get(target, name, receiver): unknown {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]): unknown => {
        calls++;
        return Reflect.apply(value, target, parameters);
      };
    },
  });
  return { engine: proxy, calls: () => calls };
}

function openUnder(root: string): number {
  let open = 0;
  for (const descriptor of readdirSync("/proc/self/fd")) {
    try {
      if (readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(root)) open++;
    } catch {
      // It was the descriptor of the listing itself, or closed meanwhile.
    }
  }
  return open;
}
