import { s3Error, type S3Error } from "@holdfast/protocol";
import type { Shelf } from "./shelf.ts";
import { isWholeUpload, type Slot } from "./slot.ts";
import type { UsageDatabase } from "./usage-database.ts";
import type { Intent, Usage, UsageRows } from "./usage-rows.ts";

/** What an operation is about to change. */
export interface Claim {
  readonly bucket: string;
  /** At least one; the bytes are for the first. */
  readonly slots: readonly [Slot, ...Slot[]];
  /** What the first slot will hold; 0 for what only takes away, and for what tells more as it goes on. */
  readonly bytes: number;
  /** No limit when absent. */
  readonly hardBytes: number | undefined;
}

/** A change that was begun: must be settled, on every path. */
export interface Held {
  readonly claim: Claim;
  readonly intents: readonly Intent[];
}

/**
 * What came of a change: the first slot holds so many bytes and the others none, nothing at all was changed, or nobody can
 * tell without looking.
 */
export type Outcome = { readonly bytes: number } | "unchanged" | "unknown";

/** What settling a change did to a bucket's usage. */
export interface Settled {
  readonly before: number;
  readonly after: number;
}

type Counts = number | ReadonlyMap<number, number>;

/** Looks that others made worthless before a change is left to be settled later. */
const looksMax = 20;

/**
 * Keeps a bucket's usage equal to the sum of what its slots count for, and what they count for equal to what they hold
 * whenever nobody is at work on them. What is held never exceeds used and reserved bytes together: a change sets aside
 * what it may add before it begins, and while others are at work on a slot, it is not counted for less.
 */
export class Ledger {
  readonly #database: UsageDatabase;
  readonly #now: () => number;

  constructor(database: UsageDatabase, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Undefined when the bucket was never counted. Rejects with EntityTooLarge over the hard limit. */
  async begin(claim: Claim, shelf: Shelf): Promise<Held | undefined> {
    const begun = await this.#database.transact((rows) => this.#join(rows, claim));
    if (begun === undefined) return undefined;
    const { held, unknown } = begun;
    try {
      const fits = begun.fits ?? (await this.#reserve(held, await lookedUp(unknown, shelf)));
      if (!fits) throw overQuota();
      return held;
    } catch (error) {
      await this.settle(held, "unchanged", shelf);
      throw error;
    }
  }

  /** Sets more aside for a change whose size nobody told. Rejects with EntityTooLarge over the hard limit. */
  async grow({ claim, intents: [first] }: Held, bytes: number): Promise<void> {
    const fits = await this.#database.transact((rows) => {
      if (first === undefined || !hasRoom(rows, claim, bytes)) return false;
      rows.setAside(first, bytes);
      return true;
    });
    if (!fits) throw overQuota();
  }

  /**
   * Takes what was set aside away, and counts what is held now. Undefined when that cannot be known at this moment: it is
   * then found out later, and what was set aside stays until then.
   */
  async settle(held: Held, outcome: Outcome, shelf: Shelf): Promise<Settled | undefined> {
    if (outcome === "unknown") return this.#settleByLooking(held, shelf);
    const bytes = outcome === "unchanged" ? undefined : outcome.bytes;
    const counts = held.intents.map(() => bytes);
    const settled = await this.#database.transact((rows) => {
      const isAlone = held.intents.every((intent) => rows.disturbances(intent) === 0);
      return isAlone ? leaveAll(rows, held, counts) : undefined;
    });
    return settled ?? this.#settleByLooking(held, shelf);
  }

  /** Makes a slot count for what it holds, whatever was believed of it. */
  async lookAgain(slot: Slot, shelf: Shelf): Promise<void> {
    const intent = await this.#database.transact((rows) => rows.join(slot, this.#database.owner));
    await this.#settleByLooking(heldOf(intent), shelf);
  }

  #join(rows: UsageRows, claim: Claim): Begun | undefined {
    if (rows.usage(claim.bucket) === undefined) return undefined;
    const intents = claim.slots.map((slot) => rows.join(slot, this.#database.owner));
    const unknown = claim.slots.filter(
      (slot) => slot.uploadId === "" && rows.counted(slot) === undefined,
    );
    const held = { claim, intents };
    return { held, unknown, fits: unknown.length === 0 ? setAside(rows, held) : undefined };
  }

  #reserve(held: Held, counts: readonly (readonly [Slot, number])[]): Promise<boolean> {
    return this.#database.transact((rows) => {
      for (const [slot, counted] of counts) {
        // Who was first has looked before anyone changed anything.
        if (rows.counted(slot) === undefined) rows.open(slot, counted);
      }
      return setAside(rows, held);
    });
  }

  async #settleByLooking(held: Held, shelf: Shelf): Promise<Settled | undefined> {
    const { intents } = held;
    const ask = (rows: UsageRows): string =>
      intents.map((intent) => rows.disturbances(intent)).join();
    let before = await this.#database.transact(ask);
    for (let look = 0; look < looksMax; look += 1) {
      const counts = await lookAtAll(held, shelf);
      if (counts === undefined) break;
      const expected = before;
      const settled = await this.#database.transact((rows) => {
        before = ask(rows);
        return before === expected ? leaveAll(rows, held, counts) : undefined;
      });
      if (settled !== undefined) return settled;
    }
    await this.#database.transact((rows) => {
      for (const intent of intents) rows.end(intent, this.#now());
    });
    return undefined;
  }
}

/** An intent on its own, as one that was left over is. */
export function heldOf(intent: Intent): Held {
  const { slot } = intent;
  const claim = { bucket: slot.bucket, slots: [slot] as const, bytes: 0, hardBytes: undefined };
  return { claim, intents: [intent] };
}

interface Begun {
  readonly held: Held;
  /** Objects that nobody is at work on: what they hold has to be looked up. */
  readonly unknown: readonly Slot[];
  /** Undefined while something has to be looked up. */
  readonly fits: boolean | undefined;
}

/** Looks at a time, of the many keys that one request may delete. */
const looksAtOnce = 16;

async function lookedUp(
  slots: readonly Slot[],
  shelf: Shelf,
): Promise<readonly (readonly [Slot, number])[]> {
  const found: (readonly [Slot, number])[] = [];
  for (let start = 0; start < slots.length; start += looksAtOnce) {
    const some = slots.slice(start, start + looksAtOnce).map(async (slot) => {
      return [slot, await shelf.objectBytes(slot.bucket, slot.key)] as const;
    });
    found.push(...(await Promise.all(some)));
  }
  return found;
}

/** Undefined when the keeper cannot say now. */
async function lookAtAll(
  { claim: { slots } }: Held,
  shelf: Shelf,
): Promise<readonly Counts[] | undefined> {
  const counts: Counts[] = [];
  try {
    for (let start = 0; start < slots.length; start += looksAtOnce) {
      const some = slots.slice(start, start + looksAtOnce).map((slot) => lookAt(slot, shelf));
      counts.push(...(await Promise.all(some)));
    }
    return counts;
  } catch {
    // Nothing is decided on a keeper that does not answer: it will be asked again.
    return undefined;
  }
}

function lookAt(slot: Slot, shelf: Shelf): Promise<Counts> {
  if (isWholeUpload(slot)) return shelf.parts(slot);
  if (slot.uploadId !== "") return shelf.partBytes(slot, slot.partNumber);
  return shelf.objectBytes(slot.bucket, slot.key);
}

/** All in one: what a completed upload gives back and what its object takes must not be seen apart. */
function leaveAll(
  rows: UsageRows,
  { claim: { bucket }, intents }: Held,
  counts: readonly (Counts | undefined)[],
): Settled {
  const before = rows.usage(bucket)?.usedBytes ?? 0;
  for (const [index, intent] of intents.entries()) leave(rows, intent, counts[index]);
  return { before, after: rows.usage(bucket)?.usedBytes ?? 0 };
}

/** Without a count the slot keeps the one it has. */
function leave(rows: UsageRows, intent: Intent, count: Counts | undefined): void {
  const { slot } = intent;
  const others = rows.leave(intent);
  if (others === undefined) return;
  if (isWholeUpload(slot)) {
    if (count !== undefined) countParts(rows, slot, { count, others });
  } else if (slot.uploadId === "") {
    countObject(rows, slot, { count, others });
  } else {
    const counted = rows.counted(slot) ?? 0;
    const next = nextCount({ count, others }, counted);
    rows.addUsage(slot.bucket, next - counted, 0);
    if (next === 0) rows.forgetSlot(slot);
    else rows.setCounted(slot, next);
  }
}

/** What was found in a slot, and how many others are at work on it. */
interface Found {
  readonly count: Counts | undefined;
  readonly others: number;
}

function countObject(rows: UsageRows, slot: Slot, found: Found): void {
  const counted = rows.counted(slot);
  // It ended before it could look, so nobody began to count.
  if (counted === undefined) return;
  const next = nextCount(found, counted);
  rows.addUsage(slot.bucket, next - counted, 0);
  rows.touch(slot, next);
  // Objects are not remembered, only which are being written: the keeper knows the others.
  if (found.others === 0) rows.forgetSlot(slot);
  else rows.setCounted(slot, next);
}

/** While others are at work on a slot it does not count for less: they set aside no more than they add to that. */
function nextCount({ count, others }: Found, counted: number): number {
  const held = typeof count === "number" ? count : counted;
  return others > 0 ? Math.max(held, counted) : held;
}

function countParts(
  rows: UsageRows,
  upload: Slot,
  { count, others }: Found & { readonly count: Counts },
): void {
  const held = typeof count === "number" ? new Map<number, number>() : count;
  const counted = rows.countedParts(upload);
  for (const partNumber of new Set([...counted.keys(), ...held.keys()])) {
    const before = counted.get(partNumber) ?? 0;
    const now = held.get(partNumber) ?? 0;
    // Of an upload that is gone nothing can come back.
    const next = others > 0 && held.size > 0 ? Math.max(before, now) : now;
    rows.addUsage(upload.bucket, next - before, 0);
    const part = { ...upload, partNumber };
    if (next === 0) rows.forgetSlot(part);
    else rows.setCounted(part, next);
  }
}

/** False, and nothing is set aside, when it does not fit. An overwrite adds only what it is larger by. */
function setAside(rows: UsageRows, { claim, intents: [first] }: Held): boolean {
  const [slot] = claim.slots;
  const added = Math.max(0, claim.bytes - (rows.counted(slot) ?? 0));
  if (!hasRoom(rows, claim, added)) return false;
  if (first !== undefined && added > 0) rows.setAside(first, added);
  return true;
}

function hasRoom(rows: UsageRows, { bucket, hardBytes }: Claim, bytes: number): boolean {
  if (bytes === 0 || hardBytes === undefined) return true;
  const { usedBytes, reservedBytes }: Usage = rows.usage(bucket) ?? {
    usedBytes: 0,
    reservedBytes: 0,
  };
  return usedBytes + reservedBytes + bytes <= hardBytes;
}

function overQuota(): S3Error {
  return s3Error("EntityTooLarge", undefined, { variant: "quota", reason: "quota_exceeded" });
}
