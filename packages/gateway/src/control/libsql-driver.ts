import Libsql from "libsql/promise";
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from "kysely";
import { bindable, type Bindable } from "./bindable.ts";

interface Statement {
  readonly reader: boolean;
  all(values: Bindable[]): Promise<never[]>;
  run(values: Bindable[]): { readonly changes: number; readonly lastInsertRowid: number };
}

/** One connection that waits for locks and for the disk on a thread of its own. */
export interface LibsqlConnection {
  readonly inTransaction: boolean;
  exec(sql: string): Promise<void>;
  prepare(sql: string): Promise<Statement>;
  close(): void;
}

/** Opens a file that exists; waits up to `busyTimeoutMs` for whoever else writes. */
export function connectLibsql(path: string, busyTimeoutMs: number): LibsqlConnection {
  const database = new Libsql(path, { timeout: busyTimeoutMs });
  return {
    // The library's types do not have it.
    get inTransaction() {
      return Reflect.get(database, "inTransaction") === true;
    },
    exec: async (sql) => await database.exec(sql),
    prepare: async (sql) => await database.prepare(sql),
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
    if (statement.reader && this.connection.inTransaction) {
      return { rows: await statement.all(values) };
    }
    if (this.connection.inTransaction) return ran(statement, values);
    if (isRead(query)) return { rows: await statement.all(values) };
    return await transacted(this.connection, async () =>
      statement.reader ? { rows: await statement.all(values) } : ran(statement, values),
    );
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }
}

function isRead(query: CompiledQuery): boolean {
  return query.query.kind === "SelectQueryNode";
}

function ran<R>(statement: Statement, values: Bindable[]): QueryResult<R> {
  const { changes, lastInsertRowid } = statement.run(values);
  return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
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
    this.#session.connection.close();
  }
}
