import { ClassicLevel } from "classic-level";
import type { Candidate, Cursor, Entry } from "./candidate.ts";

const encoding = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;
const pastEveryKey = Buffer.alloc(1, 0xff);

// Without it a page of 1000 records is fetched 16 KiB at a time, each a trip to the thread pool.
const highWaterMarkBytes = 1024 * 1024;

function cursor(db: ClassicLevel<Buffer, Buffer>): Cursor {
  const keys = db.keys({ keyEncoding: "buffer" });
  return {
    async seek(from) {
      keys.seek(from);
      return keys.next();
    },
    close: async () => keys.close(),
  };
}

/** LevelDB through `classic-level`, with the caches an index of a gateway would get. */
export async function openClassicLevel(directory: string): Promise<Candidate> {
  const options = { ...encoding, cacheSize: 32 * 1024 * 1024, writeBufferSize: 8 * 1024 * 1024 };
  const db = new ClassicLevel<Buffer, Buffer>(directory, options);
  await db.open();
  return {
    async write(entries, { synced }) {
      const batch = db.batch();
      for (const [key, value] of entries) batch.put(key, value);
      await batch.write({ sync: synced });
    },
    get: async (key) => db.get(key),
    getSync: (key) => db.getSync(key),
    async page(from, limit): Promise<readonly Entry[]> {
      return db.iterator({ ...encoding, gte: from, limit, highWaterMarkBytes }).all();
    },
    cursor: () => cursor(db),
    // A synced put is not enough: LevelDB closes a full log unsynced and writes its table later.
    // Compacting even an empty range waits for that table, and tables are synced.
    flush: async () => db.compactRange(pastEveryKey, pastEveryKey),
    close: async () => db.close(),
  };
}
