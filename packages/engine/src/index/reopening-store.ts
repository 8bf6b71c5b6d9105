import { s3Error } from "@holdfast/protocol";
import { overlaidCursor } from "./overlaid-cursor.ts";
import type { Pace } from "../disk/pace.ts";
import type {
  Change,
  Cursor,
  IndexDamage,
  Moment,
  OpenStore,
  OrderedStore,
} from "./ordered-store.ts";
import { changesWithin, Unapplied, type Layer } from "./unapplied.ts";

/** Records of buckets and counts are shorter; longer ones are not worth the memory. */
const rememberedBytesMax = 64;
const rememberedMax = 1024;

/**
 * An ordered store that shows commits which it does not have yet, and that can be closed and opened
 * again under those who use it: LevelDB refuses every write after one that failed, until then.
 */
export class ReopeningStore implements OrderedStore {
  readonly #open: () => Promise<OrderedStore>;
  #store: OrderedStore | undefined;
  #held = new Unapplied();
  /** Short records as the store has them, since every write asks for its bucket more than once. */
  readonly #remembered = new Map<string, Buffer>();
  #reopening: Promise<void> | undefined;
  #cursors = 0;
  #unused: (() => void) | undefined;

  private constructor(open: () => Promise<OrderedStore>, store: OrderedStore) {
    this.#open = open;
    this.#store = store;
  }

  static async open(openStore: OpenStore, directory: string): Promise<ReopeningStore> {
    const open = (): Promise<OrderedStore> => openStore(directory);
    return new ReopeningStore(open, await open());
  }

  /** Set while reads have to wait; settles, without rejecting, when they need not any more. */
  get reopening(): Promise<void> | undefined {
    return this.#reopening;
  }

  get(key: Buffer): Buffer | undefined {
    const store = this.#current();
    const name = key.toString("latin1");
    const held = this.#held.get(name);
    return held === undefined ? this.#stored(store, name, key) : held.value;
  }

  assertAbsent(key: Buffer): void {
    this.#current().assertAbsent(key);
  }

  range(start: Buffer, end: Buffer): Cursor {
    const below = this.#current().range(start, end);
    const cursor = this.#overlaid(below, changesWithin(this.#held.layers, { start, end }));
    this.#cursors += 1;
    return { ...cursor, close: () => cursor.close().finally(() => this.#left()) };
  }

  moment(): Moment {
    const below = this.#current().moment();
    // Of the same turn: what is being applied may be in both, and is the same there.
    const { layers } = this.#held;
    this.#cursors += 1;
    return {
      range: (start, end) =>
        this.#overlaid(below.range(start, end), changesWithin(layers, { start, end })),
      splits: (start, end) => below.splits(start, end),
      close: () => below.close().finally(() => this.#left()),
    };
  }

  async apply(changes: readonly Change[]): Promise<void> {
    await this.#current().apply(changes);
    for (const { key } of changes) this.#remembered.delete(key.toString("latin1"));
  }

  async flush(): Promise<void> {
    await this.#current().flush();
  }

  async bytes(): Promise<number> {
    return this.#current().bytes();
  }

  async check(pace: Pace): Promise<readonly IndexDamage[]> {
    const found = await this.#current().check(pace);
    if (found.length > 0) this.#remembered.clear();
    return found;
  }

  async close(): Promise<void> {
    await this.#store?.close();
    this.#store = undefined;
  }

  /** How much readers see that the store does not have. */
  get held(): { readonly commits: number; readonly bytes: number } {
    return this.#held;
  }

  /** Shows readers a commit that is in the log, until `applyHeld` or `reopen` has brought it into the store. */
  hold(commit: Layer): void {
    this.#held.add(commit);
  }

  /**
   * Applies all that is held now, at once. Not for two callers at once, nor again after a rejection,
   * which leaves it held, before `reopen`.
   */
  async applyHeld(): Promise<void> {
    const held = this.#held;
    const { commits } = held;
    await this.apply(held.all());
    held.drop(commits);
  }

  /**
   * Opens it again once no cursor is open, and lets no one read before `complete` has brought it up
   * to date, changes that were held included. After a rejection there is nothing to read until a later call succeeds.
   */
  async reopen(complete: (store: OrderedStore) => Promise<void>): Promise<void> {
    const opening = this.#reopen(complete);
    this.#reopening = opening.catch(() => undefined);
    try {
      await opening;
    } finally {
      this.#reopening = undefined;
    }
  }

  async #reopen(complete: (store: OrderedStore) => Promise<void>): Promise<void> {
    if (this.#cursors > 0) {
      await new Promise<void>((resolve) => {
        this.#unused = resolve;
      });
    }
    await this.close();
    const store = await this.#open();
    try {
      await complete(store);
    } catch (error) {
      await store.close();
      throw error;
    }
    this.#store = store;
    this.#held = new Unapplied();
    this.#remembered.clear();
  }

  #stored(store: OrderedStore, name: string, key: Buffer): Buffer | undefined {
    const known = this.#remembered.get(name);
    if (known !== undefined) return known;
    const value = store.get(key);
    if (value === undefined || value.length > rememberedBytesMax) return value;
    if (this.#remembered.size === rememberedMax) this.#remembered.clear();
    this.#remembered.set(name, value);
    return value;
  }

  #overlaid(below: Cursor, held: readonly Change[]): Cursor {
    const cursor = held.length === 0 ? below : overlaidCursor(below, held);
    return {
      // A long walk gives way: everything waits for the index to be opened, and that for walks.
      next: async (count) => {
        if (this.#reopening !== undefined) throw reopening();
        return cursor.next(count);
      },
      seek: (key) => cursor.seek(key),
      close: () => cursor.close(),
    };
  }

  #left(): void {
    this.#cursors -= 1;
    if (this.#cursors === 0) this.#unused?.();
  }

  #current(): OrderedStore {
    if (this.#store !== undefined) return this.#store;
    throw reopening();
  }
}

function reopening(): Error {
  return s3Error("ServiceUnavailable", undefined, { reason: "index_reopening" });
}
