import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import Database from "libsql";
import { usageSchema } from "./usage-schema.ts";
import { UsageRows } from "./usage-rows.ts";

/** One caller's share of a transaction: its work, and what to do once all of it is written, or none. */
interface Share {
  run(rows: UsageRows): void;
  settle(failure?: { readonly cause: unknown }): void;
}

/** How long a transaction of another process may keep this one waiting. */
const busyMs = 5000;

/**
 * The counted bytes of buckets with a quota, on disk and shared by all processes that open the file. What is written is
 * safe from the death of a process at once, and from that of the machine only later: after a start of the machine nothing
 * of it is believed, and every bucket is counted anew.
 */
export class UsageDatabase {
  /** This process, among those that share the file. */
  readonly owner = randomBytes(8).toString("hex");
  readonly #file: string;
  readonly #database: Database.Database;
  readonly #alive: Database.Database;
  readonly #rows: UsageRows;
  #waiting: Share[] = [];

  /** `boot` names the run of the machine; the system's unless a test passes another. */
  constructor(file: string, boot: string = readBoot()) {
    this.#file = file;
    this.#alive = lock(lockFile(file, this.owner));
    this.#database = new Database(file, { timeout: busyMs });
    this.#database.exec("pragma journal_mode = wal");
    this.#database.exec("pragma synchronous = normal");
    this.#database.exec("begin immediate");
    this.#database.exec(usageSchema);
    this.#rows = new UsageRows(this.#database);
    believe(this.#rows, boot);
    this.#database.exec("commit");
  }

  /**
   * Runs `work` in one transaction with all others of this turn of the event loop, and resolves with what it returned once
   * that is written. Work that throws must have written nothing: what the others wrote is kept.
   */
  transact<T>(work: (rows: UsageRows) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      let settle: (() => void) | undefined;
      this.#waiting.push({
        run: (rows) => {
          try {
            const value = work(rows);
            settle = () => resolve(value);
          } catch (cause) {
            settle = () => reject(asError(cause));
          }
        },
        settle: (failure) => (failure === undefined ? settle?.() : reject(asError(failure.cause))),
      });
    });
  }

  /** Takes over the intents of processes that are gone; resolves with how many those were. */
  async inheritFromDead(endedAt: number): Promise<number> {
    const others = await this.transact((rows) => rows.owners());
    const dead = others.filter((owner) => owner !== this.owner && this.#isDead(owner));
    if (dead.length === 0) return 0;
    await this.transact((rows) => {
      for (const owner of dead) rows.inherit(owner, { owner: this.owner, endedAt });
    });
    for (const owner of dead) rmSync(lockFile(this.#file, owner), { force: true });
    return dead.length;
  }

  /** Writes what waits, and closes. */
  close(): void {
    this.#flush();
    this.#database.close();
    this.#alive.close();
    rmSync(lockFile(this.#file, this.owner), { force: true });
  }

  #isDead(owner: string): boolean {
    try {
      lock(lockFile(this.#file, owner)).close();
      return true;
    } catch {
      // Whoever holds the lock lives; a lock that cannot be tried says nothing.
      return false;
    }
  }

  #flush(): void {
    const shares = this.#waiting;
    this.#waiting = [];
    if (shares.length === 0) return;
    let failure: { readonly cause: unknown } | undefined;
    try {
      this.#database.exec("begin immediate");
      for (const share of shares) share.run(this.#rows);
      this.#database.exec("commit");
    } catch (cause) {
      failure = { cause };
      if (this.#database.inTransaction) this.#database.exec("rollback");
    }
    for (const share of shares) share.settle(failure);
  }
}

/** The system takes the lock back when the process ends, however it does. */
function lockFile(file: string, owner: string): string {
  return `${file}-writer-${owner}`;
}

function lock(file: string): Database.Database {
  const database = new Database(file, { timeout: 0 });
  try {
    database.exec("begin immediate");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Without a name for the run of the machine every start is believed. */
function readBoot(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

/** Forgets what was counted before the machine started: the last of it may have been lost. */
function believe(rows: UsageRows, boot: string): void {
  const known = rows.ask("select boot from quota_boot")?.[0];
  if (known === boot) return;
  if (known !== undefined) {
    for (const bucket of rows.buckets()) rows.forgetBucket(bucket);
    rows.execute("delete from quota_intent");
  }
  rows.execute("insert or replace into quota_boot values (1, ?)", boot);
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error("not an error", { cause });
}
