import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { setImmediate as endOfTurn } from "node:timers/promises";
import Database from "libsql";
import { asOpenError } from "../control/database.ts";
import { lockWaitMs, untilUnlocked } from "../control/until-unlocked.ts";
import { usageSchema } from "./usage-schema.ts";
import { UsageRows } from "./usage-rows.ts";

/** One caller's share of a transaction: its work, and what to do once all of it is written, or none. */
interface Share {
  run(rows: UsageRows): void;
  settle(failure?: { readonly cause: unknown }): void;
}

interface OpenUsage {
  /** Names the run of the machine; the system's unless a test passes another. */
  readonly boot?: string | undefined;
  /** How long others may keep a transaction waiting, in milliseconds. */
  readonly waitMs?: number | undefined;
}

interface Handles {
  readonly file: string;
  readonly owner: string;
  readonly database: Database.Database;
  readonly alive: Database.Database;
  readonly waitMs: number;
}

/**
 * The counted bytes of buckets with a quota, on disk and shared by all processes that open the file. What is written is
 * safe from the death of a process at once, and from that of the machine only later: after a start of the machine nothing
 * of it is believed, and every bucket is counted anew.
 */
export class UsageDatabase {
  /** This process, among those that share the file. */
  readonly owner: string;
  readonly #file: string;
  readonly #database: Database.Database;
  readonly #alive: Database.Database;
  readonly #rows: UsageRows;
  readonly #waitMs: number;
  readonly #closing = new AbortController();
  #waiting: Share[] = [];
  #writing: Promise<void> | undefined;

  private constructor({ file, owner, database, alive, waitMs }: Handles) {
    this.owner = owner;
    this.#file = file;
    this.#alive = alive;
    this.#database = database;
    this.#rows = new UsageRows(database);
    this.#waitMs = waitMs;
  }

  /** Opens the file, made if there is none; else rejects with a `ControlOpenError`. */
  static async open(
    file: string,
    { boot = readBoot(), waitMs = lockWaitMs }: OpenUsage = {},
  ): Promise<UsageDatabase> {
    const owner = randomBytes(8).toString("hex");
    const opened: Database.Database[] = [];
    try {
      const alive = lock(lockFile(file, owner));
      opened.push(alive);
      // Whoever waits inside the library keeps the whole process waiting.
      const database = new Database(file, { timeout: 0 });
      opened.push(database);
      const usage = new UsageDatabase({ file, owner, database, alive, waitMs });
      await usage.#prepare(boot);
      return usage;
    } catch (cause) {
      for (const database of opened) database.close();
      rmSync(lockFile(file, owner), { force: true });
      throw asOpenError(cause, file);
    }
  }

  /** What has been written, at once: readers wait for nobody. */
  async read<T>(look: (rows: UsageRows) => T): Promise<T> {
    return await this.#untilUnlocked(() => look(this.#rows));
  }

  /**
   * Runs `work` in one transaction with all others of this turn of the event loop, and resolves with what it returned once
   * that is written. Work that throws must have written nothing: what the others wrote is kept. While another process has
   * the lock it waits, and this process goes on; it rejects with SQLite's `SQLITE_BUSY` when that takes too long.
   */
  transact<T>(work: (rows: UsageRows) => T): Promise<T> {
    return new Promise((resolve, reject) => {
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
      this.#writing ??= this.#writeAll();
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

  /**
   * Writes what waits, and closes. What another process's lock keeps from being written now is rejected: whoever opens
   * the file next settles it.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
    this.#database.close();
    this.#alive.close();
    rmSync(lockFile(this.#file, this.owner), { force: true });
  }

  async #prepare(boot: string): Promise<void> {
    await this.#untilUnlocked(() => this.#database.exec("pragma journal_mode = wal"));
    this.#database.exec("pragma synchronous = normal");
    await this.#untilUnlocked(() => this.#database.exec("begin immediate"));
    this.#database.exec(usageSchema);
    believe(this.#rows, boot);
    this.#database.exec("commit");
  }

  async #untilUnlocked<T>(attempt: () => T): Promise<T> {
    const { signal } = this.#closing;
    return await untilUnlocked(async () => attempt(), { waitMs: this.#waitMs, signal });
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

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await endOfTurn();
      await this.#write();
    }
    this.#writing = undefined;
  }

  /** Between its begin and its commit there is no other turn, and who comes while it waits is taken along. */
  async #write(): Promise<void> {
    let failure: { readonly cause: unknown } | undefined;
    let shares: readonly Share[] = [];
    try {
      await this.#untilUnlocked(() => {
        this.#rollBack();
        this.#database.exec("begin immediate");
      });
      shares = this.#take();
      for (const share of shares) share.run(this.#rows);
      this.#database.exec("commit");
    } catch (cause) {
      failure = { cause };
      if (shares.length === 0) shares = this.#take();
      try {
        this.#rollBack();
      } catch {
        // The next transaction tries it again, and is refused with what it says then.
      }
    }
    for (const share of shares) share.settle(failure);
  }

  #rollBack(): void {
    if (this.#database.inTransaction) this.#database.exec("rollback");
  }

  #take(): readonly Share[] {
    const shares = this.#waiting;
    this.#waiting = [];
    return shares;
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
