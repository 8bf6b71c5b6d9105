import Libsql from "libsql/promise";
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from "kysely";
import { bindable, type Bindable } from "./bindable.ts";
import { untilUnlocked } from "./until-unlocked.ts";

interface Statement {
  readonly reader: boolean;
  all(values: Bindable[]): Promise<never[]>;
  run(values: Bindable[]): { readonly changes: number; readonly lastInsertRowid: number };
}

/** One connection whose waiting, for locks or for the disk, keeps nobody else waiting. */
export interface LibsqlConnection {
  readonly inTransaction: boolean;
  exec(sql: string): Promise<void>;
  prepare(sql: string): Promise<Statement>;
  close(): void;
}

/** Opens a file that exists; each of its statements waits up to `waitMs` for whoever else writes. */
export function connectLibsql(path: string, waitMs: number): LibsqlConnection {
  const database = new Libsql(path, { timeout: 0 });
  return {
    // The library's types do not have it.
    get inTransaction() {
      return Reflect.get(database, "inTransaction") === true;
    },
    exec: async (sql) => await untilUnlocked(async () => await database.exec(sql), { waitMs }),
    prepare: async (sql) => {
      const statement = await untilUnlocked<Statement>(async () => await database.prepare(sql), {
        waitMs,
      });
      return {
        reader: statement.reader,
        all: async (values) =>
          await untilUnlocked(async () => await statement.all(values), { waitMs }),
        run: (values) => statement.run(values),
      };
    },
    close: () => database.close(),
  };
}

class Session implements DatabaseConnection {
  readonly connection: LibsqlConnection;

  constructor(connection: LibsqlConnection) {
    this.connection = connection;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const values = bindable(query.parameters);
    const statement = await this.connection.prepare(query.sql);
    if (this.connection.inTransaction || query.query.kind === "SelectQueryNode") {
      return await carryOut(statement, values);
    }
    return await transacted(this.connection, async () => await carryOut(statement, values));
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }
}

async function carryOut<R>(statement: Statement, values: Bindable[]): Promise<QueryResult<R>> {
  if (statement.reader) {
    const rows = await statement.all(values);
    for (const row of rows) viewBytes(row);
    return { rows };
  }
  const { changes, lastInsertRowid } = statement.run(values);
  return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
}

/** The library gives naked buffers where the tables say `Uint8Array`. */
function viewBytes(row: object): void {
  for (const [column, value] of Object.entries(row)) {
    if (value instanceof ArrayBuffer) Reflect.set(row, column, new Uint8Array(value));
  }
}

/** Runs between a begin that waits for its turn to write and a commit that waits for the disk, neither on this thread. */
export async function transacted<T>(
  connection: LibsqlConnection,
  run: () => Promise<T>,
): Promise<T> {
  await connection.exec("begin immediate");
  try {
    const result = await run();
    await connection.exec("commit");
    return result;
  } catch (error) {
    await rollBack(connection);
    throw error;
  }
}

/** SQLite has already rolled back by itself after some failures. */
async function rollBack(connection: LibsqlConnection): Promise<void> {
  if (connection.inTransaction) await connection.exec("rollback");
}

/** A single connection that its users take in turn. */
export class LibsqlDriver implements Driver {
  readonly #session: Session;
  #taken = false;
  readonly #waiting: (() => void)[] = [];

  constructor(connection: LibsqlConnection) {
    this.#session = new Session(connection);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken = true;
    return this.#session;
  }

  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = false;
    else next();
  }

  async beginTransaction(): Promise<void> {
    await this.#session.connection.exec("begin immediate");
  }

  async commitTransaction(): Promise<void> {
    await this.#session.connection.exec("commit");
  }

  async rollbackTransaction(): Promise<void> {
    await rollBack(this.#session.connection);
  }

  async destroy(): Promise<void> {
    await this.acquireConnection();
    const { connection } = this.#session;
    // The library leaves everything in the log when it closes; a copy of the file alone should have it all. Where that
    // does not succeed, the log has it still.
    await connection.exec("pragma wal_checkpoint(truncate)").catch(() => {});
    connection.close();
  }
}
