import Libsql from "libsql";
import * as v from "valibot";
import { bindable } from "./bindable.ts";
import { DamagedRow } from "./damaged-row.ts";

interface Statement {
  all(values: unknown[]): unknown[];
  get(values: unknown[]): unknown;
}

/**
 * A connection of its own that only reads, on the calling thread: SQLite's log lets it read while another writes, so it
 * waits for nobody.
 */
export class Reader {
  readonly #database: { prepare(sql: string): Statement; exec(sql: string): void; close(): void };
  readonly #statements = new Map<string, Statement>();
  readonly #version: Statement;

  constructor(path: string) {
    const database = new Libsql(path, { timeout: 1000 });
    this.#database = database;
    database.exec("pragma query_only = on");
    this.#version = database.prepare("pragma data_version").raw();
  }

  /** Another number whenever any connection but this one has committed. */
  version(): unknown {
    const row = this.#version.get([]);
    return Array.isArray(row) ? row[0] : row;
  }

  /** All rows, each as its schema has it; throws `DamagedRow` for one that is not. */
  rows<S extends v.GenericSchema>(
    schema: S,
    sql: string,
    ...values: unknown[]
  ): v.InferOutput<S>[] {
    return this.#prepared(sql)
      .all(bindable(values))
      .map((row) => {
        const result = v.safeParse(schema, row);
        if (result.success) return result.output;
        throw new DamagedRow(v.getDotPath(result.issues[0]) ?? "");
      });
  }

  /** Whatever `read` reads is of one moment. */
  atOnce<T>(read: () => T): T {
    this.#database.exec("begin");
    try {
      return read();
    } finally {
      this.#database.exec("commit");
    }
  }

  close(): void {
    this.#database.close();
  }

  #prepared(sql: string): Statement {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
