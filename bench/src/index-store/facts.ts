import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Candidate, OpenCandidate } from "./candidate.ts";
import { recordKey } from "./records.ts";

/** Bytes that the files below a directory take on disk. */
export async function bytesOnDisk(directory: string): Promise<number> {
  const names = await readdir(directory);
  const sizes = await Promise.all(names.map(async (name) => stat(join(directory, name))));
  return sizes.reduce((sum, { blocks }) => sum + blocks * 512, 0);
}

/** Milliseconds from nothing to the first record, as after a clean stop. */
export async function openMs(open: OpenCandidate, directory: string): Promise<number> {
  const start = performance.now();
  const store = await open(directory);
  if (store.getSync(recordKey(0)) === undefined) throw new Error("the first record is missing");
  const elapsed = performance.now() - start;
  await store.close();
  return elapsed;
}

/** The longest key, of those an S3 bucket and key can need and some beyond, that comes back. */
export async function longestKey(store: Candidate): Promise<number> {
  let longest = 0;
  for (const length of [511, 1024, 63 + 1 + 1024, 1978, 4096, 65_536]) {
    const key = Buffer.alloc(length, "k");
    try {
      await store.write([[key, key.subarray(0, 8)]], { synced: false });
      if (store.getSync(key)?.length === 8) longest = length;
    } catch {
      return longest;
    }
  }
  return longest;
}
