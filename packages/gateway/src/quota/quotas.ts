import { setTimeout as wait } from "node:timers/promises";
import { s3Error, S3Error } from "@holdfast/protocol";
import type { Quota } from "../control/sources.ts";
import { Ledger, type Held, type Outcome, type Settled } from "./ledger.ts";
import { recount, type Recount } from "./recount.ts";
import { settleLeftovers } from "./settle-leftovers.ts";
import type { Shelf } from "./shelf.ts";
import type { Slot } from "./slot.ts";
import type { UsageDatabase } from "./usage-database.ts";
import type { Usage } from "./usage-rows.ts";

interface QuotasOptions {
  readonly database: UsageDatabase;
  /** From memory; undefined for a bucket that may hold anything. */
  readonly quotaOf: (bucket: string) => Quota | undefined;
  readonly shelfOf: (bucket: string) => Shelf;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A write whose first slot is about to hold so many bytes; 0 for what only takes away or tells more as it goes on. */
export interface Change {
  readonly slots: readonly [Slot, ...Slot[]];
  readonly bytes: number;
}

/** What a write came to: its answer, and what its slots hold now. */
export interface Changed<T> {
  readonly value: T;
  readonly outcome: Outcome;
}

/** How a bucket stands behind a write. */
export interface Standing {
  readonly usedBytes: number;
  readonly isOverSoft: boolean;
  /** This write took it over the soft limit. */
  readonly hasCrossedSoft: boolean;
}

/** A writer waits so long for the first count of a bucket before it is told to come again. */
const firstCountMs = 5000;
const leftoversEveryMs = 2000;

/** The quotas of all buckets: who writes sets bytes aside first, and what is held is counted after. */
export class Quotas {
  readonly #options: QuotasOptions;
  readonly #now: () => number;
  readonly #ledger: Ledger;
  /** Buckets that this process may have something counted of. */
  readonly #known = new Set<string>();
  readonly #counting = new Map<string, Promise<Recount>>();
  /** Changes whose end could not even be written down. */
  #unsettled: Held[] = [];
  readonly #timer: NodeJS.Timeout;
  #pass: Promise<unknown> | undefined;

  constructor(options: QuotasOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#ledger = new Ledger(options.database, this.#now);
    this.#timer = setInterval(() => this.#settleInBackground(), leftoversEveryMs);
    this.#timer.unref();
    this.#settleInBackground();
  }

  quotaOf(bucket: string): Quota | undefined {
    return this.#options.quotaOf(bucket);
  }

  /** Who tells what the bucket holds. */
  shelfOf(bucket: string): Shelf {
    return this.#options.shelfOf(bucket);
  }

  /**
   * Carries out a write with its bytes set aside. Rejects with EntityTooLarge, and `write` is not called, when they do not
   * fit. `grow` sets more aside.
   */
  async write<T>(
    { slots, bytes }: Change,
    write: (grow: (bytes: number) => Promise<void>) => Promise<Changed<T>>,
  ): Promise<{ readonly value: T; readonly standing: Standing | undefined }> {
    const [{ bucket }] = slots;
    this.#known.add(bucket);
    const quota = this.quotaOf(bucket);
    const shelf = this.#options.shelfOf(bucket);
    const claim = { bucket, slots, bytes, hardBytes: quota?.hardBytes };
    const held = await this.#begin(() => this.#ledger.begin(claim, shelf), bucket);
    let changed: Changed<T>;
    try {
      changed = await write((more) => this.#ledger.grow(held, more));
    } catch (error) {
      await this.#settle(held, "unknown", shelf);
      throw error;
    }
    const settled = await this.#settle(held, changed.outcome, shelf);
    return { value: changed.value, standing: settled && standing(settled, quota) };
  }

  /** What a bucket holds; undefined when it was never counted. */
  usage(bucket: string): Promise<Usage | undefined> {
    return this.#options.database.read((rows) => rows.usage(bucket));
  }

  /** Counts a bucket while writes go on; one count at a time for each, which all who ask wait for. */
  recount(bucket: string): Promise<Recount> {
    const running = this.#counting.get(bucket);
    if (running !== undefined) return running;
    const { database, shelfOf } = this.#options;
    const counting = recount({ database, ledger: this.#ledger, shelf: shelfOf(bucket), bucket });
    const ended = counting.finally(() => this.#counting.delete(bucket));
    this.#counting.set(bucket, ended);
    return ended;
  }

  /** Called before a bucket without a quota is written to: what was counted of it, should it ever have had one, is forgotten. */
  async passBy(bucket: string): Promise<void> {
    if (!this.#known.delete(bucket)) return;
    try {
      await this.forget(bucket);
    } catch (cause) {
      this.#known.add(bucket);
      throw unavailable(cause);
    }
  }

  /** Has a bucket counted anew before its next write: what it holds changed without anyone counting. */
  forget(bucket: string): Promise<void> {
    return this.#options.database.transact((rows) => rows.forgetBucket(bucket));
  }

  /**
   * Forgets what is counted of buckets that have no quota any more: nobody counts what is written to them now, and should
   * they have one again, they are counted anew.
   */
  async forgetUnlimited(): Promise<void> {
    const { database, quotaOf } = this.#options;
    const counted = await database.read((rows) => rows.buckets());
    for (const bucket of counted) if (quotaOf(bucket) === undefined) await this.forget(bucket);
  }

  /** Settles what was left over by processes that died and keepers that did not answer; how many. */
  async settleLeftovers(): Promise<number> {
    const { database, shelfOf } = this.#options;
    const unsettled = this.#unsettled;
    this.#unsettled = [];
    for (const held of unsettled) {
      await this.#settle(held, "unknown", shelfOf(held.claim.bucket));
    }
    return settleLeftovers({ database, ledger: this.#ledger, shelfOf, now: this.#now() });
  }

  /** Ends what runs in the background and closes the database. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.allSettled([this.#pass, ...this.#counting.values()]);
    await this.#options.database.close();
  }

  async #begin(begin: () => Promise<Held | undefined>, bucket: string): Promise<Held> {
    for (;;) {
      let held: Held | undefined;
      try {
        held = await begin();
        if (held !== undefined) return held;
      } catch (cause) {
        throw unavailable(cause);
      }
      await this.#firstCount(bucket);
    }
  }

  /** Nobody writes before it is known what a bucket holds: else each first write would be let through. */
  async #firstCount(bucket: string): Promise<void> {
    const abort = new AbortController();
    const { signal } = abort;
    const patience = wait(firstCountMs, "late", { signal, ref: false }).catch(() => "late");
    const first = await Promise.race([this.recount(bucket).then(() => "counted"), patience]);
    abort.abort();
    if (first === "counted") return;
    throw s3Error("ServiceUnavailable", undefined, {
      reason: "quota_counting",
      headers: { "retry-after": "1" },
    });
  }

  /** Never rejects: what was written is written, and that it is not counted yet is no reason to deny it. */
  async #settle(held: Held, outcome: Outcome, shelf: Shelf): Promise<Settled | undefined> {
    try {
      return await this.#ledger.settle(held, outcome, shelf);
    } catch {
      this.#unsettled.push(held);
      return undefined;
    }
  }

  #settleInBackground(): void {
    if (this.#pass !== undefined) return;
    const pass = this.settleLeftovers().then(() => this.forgetUnlimited());
    // It is tried again soon.
    this.#pass = pass.catch(() => {}).finally(() => (this.#pass = undefined));
  }
}

/** What the catalogue says is passed on; that a database or a keeper fails is no fault of the request. */
function unavailable(cause: unknown): unknown {
  if (S3Error.is(cause)) return cause;
  return s3Error("ServiceUnavailable", undefined, {
    cause,
    reason: "quota_unavailable",
    headers: { "retry-after": "1" },
  });
}

function standing({ before, after }: Settled, quota: Quota | undefined): Standing {
  const { softBytes = Number.POSITIVE_INFINITY } = quota ?? {};
  const isOverSoft = after > softBytes;
  return { usedBytes: after, isOverSoft, hasCrossedSoft: isOverSoft && before <= softBytes };
}
