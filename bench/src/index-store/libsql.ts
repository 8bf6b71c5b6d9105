import { join } from "node:path";
import Database from "libsql";
import type { Candidate, Cursor, Entry } from "./candidate.ts";

function bytes(value: unknown): Buffer {
  if (!(value instanceof Uint8Array))
    throw new TypeError("libsql answered something else than bytes");
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function column(row: unknown, index: number): Buffer | undefined {
  return Array.isArray(row) ? bytes(row[index]) : undefined;
}

// Parameters go in an array: a lone Buffer is taken for named parameters and aborts the process.
function statements(db: Database.Database) {
  return {
    begin: db.prepare("BEGIN IMMEDIATE"),
    commit: db.prepare("COMMIT"),
    put: db.prepare("INSERT OR REPLACE INTO records VALUES (?, ?)"),
    get: db.prepare("SELECT value FROM records WHERE key = ?").raw(),
    page: db.prepare("SELECT key, value FROM records WHERE key >= ? ORDER BY key LIMIT ?").raw(),
    seek: db.prepare("SELECT key FROM records WHERE key >= ? ORDER BY key LIMIT 1").raw(),
  };
}

/** SQLite through `libsql`: one table in key order, write-ahead log, synced on demand. */
export async function openLibsql(directory: string): Promise<Candidate> {
  const db = new Database(join(directory, "index.db"));
  for (const pragma of ["journal_mode = WAL", "synchronous = NORMAL", "cache_size = -32768"]) {
    db.pragma(pragma);
  }
  db.exec("CREATE TABLE IF NOT EXISTS records (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID");
  const sql = statements(db);
  let level = false;
  const getSync = (key: Buffer): Buffer | undefined => column(sql.get.get([key]), 0);
  const cursor = (): Cursor => ({
    seek: async (from) => column(sql.seek.get([from]), 0),
    close: async () => undefined,
  });
  return {
    async write(entries, { synced }) {
      if (synced !== level) db.pragma(`synchronous = ${synced ? "FULL" : "NORMAL"}`);
      level = synced;
      sql.begin.run();
      for (const [key, value] of entries) sql.put.run([key, value]);
      sql.commit.run();
    },
    get: async (key) => getSync(key),
    getSync,
    async page(from, limit): Promise<readonly Entry[]> {
      return sql.page.all([from, limit]).map((row) => {
        const [key, value] = [column(row, 0), column(row, 1)];
        if (key === undefined || value === undefined) throw new TypeError("a row has two columns");
        return [key, value];
      });
    },
    cursor,
    async flush() {
      db.pragma("wal_checkpoint(FULL)");
    },
    async close() {
      db.close();
    },
  };
}
