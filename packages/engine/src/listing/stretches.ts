import type { KeyRange } from "../index/keys.ts";
import type { Moment } from "../index/ordered-store.ts";
import { Walk, type Scanned, type Shown } from "./walk.ts";

/** As many as libuv has threads by default: each waits for one read at a time. */
const walksAtOnce = 4;

/** What a stretch should hold: a few times what it costs to begin one, and little to have read in vain. */
const foundByStretch = 32;

/**
 * A range cut where the store has its splits, walked by several at once and put together in order.
 * Every read is a trip to another thread, and one trip alone is mostly waiting. The cuts decide on
 * what is read in vain, which is at most what three walks read meanwhile, and never on what is found.
 */
export class Stretches {
  readonly #moment: Moment;
  readonly #shown: Shown;
  readonly #end: Buffer;
  readonly #begun: Walk[] = [];
  #start: Buffer | undefined;
  #splits: readonly Buffer[];
  #passed = 0;
  #cut = 0;
  #failed = false;

  constructor(moment: Moment, shown: Shown, { start, end }: KeyRange) {
    this.#moment = moment;
    this.#shown = shown;
    this.#start = start;
    this.#end = end;
    this.#splits = moment.splits(start, end);
  }

  /** Whether there is a place to cut. */
  get several(): boolean {
    return this.#splits.length > 0;
  }

  /** The first `most` of what there is. */
  async collect(most: number): Promise<readonly Scanned[]> {
    const walkers = Array.from({ length: walksAtOnce }, () => this.#walk(most));
    for (const walker of await Promise.allSettled(walkers)) {
      if (walker.status === "rejected") throw walker.reason;
    }
    const found: Scanned[] = [];
    for (const walk of this.#begun) {
      const [first] = walk.found;
      // A prefix goes on where it was cut.
      const goesOn = first?.entry === undefined && found.at(-1)?.name === first?.name;
      found.push(...(goesOn ? walk.found.slice(1) : walk.found));
      if (found.length >= most) break;
    }
    return found.slice(0, most);
  }

  /** Walks one stretch after another until they are walked or enough was found before. */
  async #walk(most: number): Promise<void> {
    while (!this.#failed && this.#missing(this.#begun.length, most) > 0) {
      const range = this.#next();
      if (range === undefined) return;
      const cursor = this.#moment.range(range.start, range.end);
      const walk = new Walk(cursor, this.#shown);
      const place = this.#begun.push(walk);
      try {
        for (;;) {
          const missing = this.#missing(place, most);
          if (this.#failed || walk.ended || missing <= 0) break;
          await walk.step(missing);
        }
      } catch (error) {
        this.#failed = true;
        throw error;
      } finally {
        await cursor.close();
      }
    }
  }

  /** How many are missing when the first so many stretches end with what they have found by now. */
  #missing(stretches: number, most: number): number {
    let missing = most;
    for (const { found } of this.#begun.slice(0, stretches)) {
      // The first of a stretch may be the last of the one before.
      missing -= Math.max(0, found.length - 1);
    }
    return missing;
  }

  /** The next stretch: of as many cuts as it takes to hold about enough, by what was found so far. */
  #next(): KeyRange | undefined {
    const start = this.#start;
    if (start === undefined) return undefined;
    if (this.#passed === this.#splits.length) {
      this.#splits = this.#moment.splits(start, this.#end);
      this.#passed = 0;
    }
    const found = this.#begun.reduce((sum, walk) => sum + walk.found.length, 0);
    const cuts = found === 0 ? 1 : Math.max(1, Math.floor((foundByStretch * this.#cut) / found));
    const passed = Math.min(this.#splits.length, this.#passed + cuts);
    const end = this.#splits[passed - 1];
    this.#cut += passed - this.#passed;
    this.#passed = passed;
    this.#start = end;
    return { start, end: end ?? this.#end };
  }
}
