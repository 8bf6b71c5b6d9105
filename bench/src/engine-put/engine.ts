import { openEngine } from "@holdfast/engine";
import type { Contender } from "./contender.ts";

const bucket = "bench";
const metadata = { system: { "content-type": "application/octet-stream" }, user: {} };

/** Holdfast's engine in this process, as the gateway calls it. */
export async function openHoldfast(directory: string): Promise<Contender> {
  const engine = await openEngine({ directory });
  await engine.createBucket(bucket);
  return {
    name: "engine",
    async put(key, bytes) {
      await engine.putObject({
        bucket,
        key,
        body: pieces(bytes),
        size: bytes.length,
        metadata,
        checksumAlgorithm: "CRC64NVME",
      });
    },
    close: () => engine.close(),
  };
}

/** The same, and no two writes are ever under way together: none can share a sync. */
export async function openSabotaged(directory: string): Promise<Contender> {
  const holdfast = await openHoldfast(directory);
  let last: Promise<void> = Promise.resolve();
  return {
    name: holdfast.name,
    put: (key, bytes) => (last = last.then(() => holdfast.put(key, bytes))),
    close: () => holdfast.close(),
  };
}

const socketBytes = 64 * 1024;

// Bytes arrive in pieces of about what a socket gives at a time.
async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += socketBytes) yield bytes.subarray(at, at + socketBytes);
}
