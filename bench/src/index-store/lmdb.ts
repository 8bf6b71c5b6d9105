import { open } from "lmdb";
import type { Candidate, Cursor, Entry } from "./candidate.ts";

/** LMDB through `lmdb`, which commits first and flushes behind the commit. */
export async function openLmdb(directory: string): Promise<Candidate> {
  const db = open<Buffer, Buffer>({ path: directory, encoding: "binary", keyEncoding: "binary" });
  const cursor = (): Cursor => ({
    async seek(from) {
      for (const key of db.getKeys({ start: from, limit: 1 })) return key;
      return undefined;
    },
    close: async () => undefined,
  });
  return {
    async write(entries, { synced }) {
      await db.batch(() => {
        // The promise of each put is that of the batch, which is awaited.
        for (const [key, value] of entries) void db.put(key, value);
      });
      if (synced) await db.flushed;
    },
    get: async (key) => db.get(key),
    getSync: (key) => db.get(key),
    async page(start, limit): Promise<readonly Entry[]> {
      const entries: Entry[] = [];
      for (const { key, value } of db.getRange({ start, limit })) entries.push([key, value]);
      return entries;
    },
    cursor,
    async flush() {
      await db.flushed;
    },
    close: async () => db.close(),
  };
}
