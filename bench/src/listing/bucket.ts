import { openEngine, type OpenEngine } from "@holdfast/engine";

const metadata = { system: { "content-type": "text/plain" }, user: {} };
const writers = 128;
/** Puts keys in an order that is not theirs: a prime that shares no factor with the sizes. */
const stride = 7_368_787;

export const bucket = "bench";
/** Every bucket has a hundred prefixes up to `/`, each with ten up to `-`; its keys share those. */
const prefixes = 1000;

/** A bucket of `keys` keys in an engine of its own. */
export interface Filled {
  readonly keys: number;
  readonly engine: OpenEngine;
}

/** A key in the order of the keys; each is alone under its prefix up to `=`. */
export function keyAt(index: number, keys: number): string {
  const each = keys / prefixes;
  const prefix = String(Math.floor(index / each)).padStart(3, "0");
  const name = String(index % each).padStart(7, "0");
  return `photos${prefix.slice(0, 2)}/${prefix.slice(2)}-${name}=original.jpeg`;
}

/** Opens the bucket of a directory; fills it, through the engine, when there is none. */
export async function openBucket(directory: string, keys: number): Promise<Filled> {
  const engine = await openEngine({ directory });
  const { buckets } = await engine.listBuckets({ prefix: "", after: "", limit: 1 });
  if (buckets.length === 0) await fill(engine, keys);
  return { keys, engine };
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function fill(engine: OpenEngine, keys: number): Promise<void> {
  await engine.createBucket(bucket);
  let put = 0;
  const write = async (): Promise<void> => {
    while (put < keys) {
      const index = (put * stride) % keys;
      put += 1;
      // Bodies that differ, so that their ETags do: a table of equal records is packed too well.
      const body = Buffer.from(String(index));
      await engine.putObject({
        bucket,
        key: keyAt(index, keys),
        body: once(body),
        size: body.length,
        metadata,
        checksumAlgorithm: "CRC64NVME",
      });
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
}
