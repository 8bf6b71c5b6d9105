import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { Kysely, sql, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import { checkedTables, type ControlTables } from "./control-schema.ts";
import { DamagedRow } from "./damaged-row.ts";
import { connectLibsql, LibsqlDriver, type LibsqlConnection } from "./libsql-driver.ts";
import { migrate } from "./migrate.ts";
import { ControlOpenError } from "./open-error.ts";
import type { SchemaPart } from "./schema-part.ts";
import { schemaParts } from "./schema-parts.ts";
import { sqliteCode } from "./sqlite-code.ts";
import { syncDirectory } from "./sync-directory.ts";
import { isLocked, lockWaitMs } from "./until-unlocked.ts";

export interface ControlDatabase {
  readonly path: string;
  /**
   * One connection, taken in turn. Every transaction has the write lock from its beginning, and what it wrote is on
   * stable storage when it resolves. The tables of another part: `kysely.withTables<ItsTables>()`.
   */
  readonly kysely: Kysely<ControlTables>;
  close(): Promise<void>;
}

/** Opens the database, mode 0600, made if there is none, at the schema of this program; else a `ControlOpenError`. */
export async function openDatabase(
  path: string,
  parts: readonly SchemaPart[] = schemaParts,
  waitMs: number = lockWaitMs,
): Promise<ControlDatabase> {
  try {
    await ensureFile(path);
    const connection = connectLibsql(path, waitMs);
    try {
      await prepareConnection(connection);
      await migrate(connection, parts);
    } catch (cause) {
      connection.close();
      throw cause;
    }
    const kysely = buildersOver(connection);
    return { path, kysely, close: async () => await kysely.destroy() };
  } catch (cause) {
    throw asOpenError(cause, path);
  }
}

/** Rejects with `DATABASE_DAMAGED` unless every page of the control plane's own tables and their indexes is sound. */
export async function checkTables({ kysely, path }: ControlDatabase): Promise<void> {
  for (const table of checkedTables) {
    const { rows } = await sql<object>`pragma quick_check(${sql.id(table)})`.execute(kysely);
    if (Object.values(rows[0] ?? {})[0] !== "ok") throw damaged(path, { cause: rows[0] });
  }
}

function damaged(path: string, options: ErrorOptions): ControlOpenError {
  return new ControlOpenError("DATABASE_DAMAGED", `${path} is damaged, or no database`, options);
}

/** Whatever ended the opening of a database, as a reason for not having opened it. */
export function asOpenError(cause: unknown, path: string): ControlOpenError {
  if (cause instanceof ControlOpenError) return cause;
  const code = sqliteCode(cause);
  const isDamage = code === "SQLITE_NOTADB" || code?.startsWith("SQLITE_CORRUPT") === true;
  if (isDamage || cause instanceof DamagedRow) return damaged(path, { cause });
  if (isLocked(cause)) {
    return new ControlOpenError("DATABASE_BUSY", `another process keeps ${path} locked`, { cause });
  }
  return new ControlOpenError("DATABASE_FAILED", `${path} could not be opened or read`, { cause });
}

/** SQLite would make it readable by others, and does not make its name durable. */
async function ensureFile(path: string): Promise<void> {
  const file = await open(path, "a", 0o600);
  try {
    await file.chmod(0o600);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dirname(path));
}

async function prepareConnection(connection: LibsqlConnection): Promise<void> {
  await connection.exec("pragma journal_mode = wal");
  await connection.exec("pragma synchronous = full");
  await connection.exec("pragma foreign_keys = on");
}

function buildersOver(connection: LibsqlConnection): Kysely<ControlTables> {
  return new Kysely<ControlTables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new LibsqlDriver(connection),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}
