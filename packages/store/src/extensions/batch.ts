import { batchStream as clientBatch, type BatchOutcome as ClientOutcome } from "@holdfast/client";
import { CapabilityNotSupported } from "../errors/classes.ts";
import { toStoreError, type FailedCall } from "../errors/to-store-error.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import type { CopyOptions } from "../kernel/moves.ts";
import type { FileInfo, WriteResult } from "../kernel/results.ts";
import type { Content } from "../kernel/source.ts";
import type { WriteOptions } from "../kernel/writes.ts";
import type { DeleteOptions } from "../store.ts";
import { storeVerdict } from "./client-verdict.ts";
import type { StoreLike } from "./store-like.ts";

/** What became of one item. */
export type BatchOutcome<Item, T> =
  | { readonly item: Item; readonly ok: true; readonly value: T }
  | { readonly item: Item; readonly ok: false; readonly error: RemoteStoreError };

/** How many at once, and when to stop. */
export interface BatchOptions {
  /** Items under way at once: 5 by default. */
  readonly concurrency?: number | undefined;
  /** Whether the first failure ends it: what is under way ends, nothing more begins. */
  readonly stopOnError?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** From where to where, within one store. */
export interface PathPair {
  readonly from: string;
  readonly to: string;
}

/** A file that is to be written. */
export interface NewFile {
  readonly path: string;
  readonly content: Content;
}

/** Items of any number; more are taken only as there is room for them. */
export type Items<Item> = AsyncIterable<Item> | Iterable<Item>;

/** Outcomes in the items' order. Leaving the loop aborts what is under way. */
export type Outcomes<Item, T> = AsyncGenerator<BatchOutcome<Item, T>, void, undefined>;

type Own<O> = Omit<O, "signal">;

/**
 * Operations on many files of a store at once: one outcome for each item, in the items' order, whatever the others come
 * to. After an abort, or a failure that is to end it, the rest of an array is listed as `Aborted`; of any other source
 * nothing more is taken, and after an abort `Aborted` is thrown. What the source throws is thrown, and so is
 * `CapabilityNotSupported`, which would be every item's.
 */
export function batch(store: StoreLike, options: BatchOptions = {}): StoreBatch {
  return new StoreBatch(store, options);
}

/** Made by `batch`. */
export class StoreBatch {
  readonly #store: StoreLike;
  readonly #options: BatchOptions;

  constructor(store: StoreLike, options: BatchOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Whether a file or a folder is at each path. */
  exists(paths: Items<string>): Outcomes<string, boolean> {
    return this.each(paths, (path, signal) => this.#store.exists(path, { signal }));
  }

  /** What is known of each file. */
  getFileInfo(paths: Items<string>): Outcomes<string, FileInfo> {
    return this.each(paths, (path, signal) => this.#store.getFileInfo(path, { signal }));
  }

  /** All of each file. As many are in memory as are under way or wait to be taken: 16 for each that may be under way. */
  readBytes(paths: Items<string>): Outcomes<string, Uint8Array> {
    return this.each(paths, (path, signal) => this.#store.readBytes(path, { signal }));
  }

  /** Writes each file. */
  write(files: Items<NewFile>, options: Own<WriteOptions> = {}): Outcomes<NewFile, WriteResult> {
    return this.each(files, ({ path, content }, signal) =>
      this.#store.write(path, content, { ...options, signal }),
    );
  }

  /** Deletes each file. */
  delete(paths: Items<string>, options: Own<DeleteOptions> = {}): Outcomes<string, void> {
    return this.each(paths, (path, signal) => this.#store.delete(path, { ...options, signal }));
  }

  /** Copies each file within the store. */
  copy(pairs: Items<PathPair>, options: Own<CopyOptions> = {}): Outcomes<PathPair, WriteResult> {
    return this.each(pairs, ({ from, to }, signal) =>
      this.#store.copy(from, to, { ...options, signal }),
    );
  }

  /** Moves each file within the store. */
  move(pairs: Items<PathPair>, options: Own<CopyOptions> = {}): Outcomes<PathPair, void> {
    return this.each(pairs, ({ from, to }, signal) =>
      this.#store.move(from, to, { ...options, signal }),
    );
  }

  /** Does anything with each item; what rejects with no error of a store's is thrown. */
  async *each<Item, T>(
    items: Items<Item>,
    operation: (item: Item, signal: AbortSignal) => Promise<T>,
  ): Outcomes<Item, T> {
    const { concurrency, stopOnError, signal } = this.#options;
    const call = { operation: "batch", backend: this.#store.resolve("").backend };
    try {
      const source = new Marked(items);
      const outcomes = clientBatch(source.items, (item, work) => operation(item, work.signal), {
        concurrency,
        signal,
        stopOnFatal: stopOnError,
        // A store that is to try again is one made by `retrying`.
        retries: 0,
        retryable: never,
      });
      for await (const outcome of outcomes) yield outcomeOf(outcome, call);
      // Not to be taken for one that did all there was.
      if (signal?.aborted === true && !source.isExhausted) {
        throw toStoreError({ kind: "aborted", cause: signal.reason }, call);
      }
    } catch (error) {
      throw storeVerdict(error, call);
    }
  }
}

/** Items, and whether all were taken. An array stays one: what is left of it can be listed. */
class Marked<Item> {
  readonly items: Items<Item>;
  isExhausted = false;

  constructor(items: Items<Item>) {
    this.items = Array.isArray(items) ? items : this.#watched(items);
    this.isExhausted = Array.isArray(items);
  }

  async *#watched(items: Items<Item>): AsyncGenerator<Item, void, undefined> {
    yield* items;
    this.isExhausted = true;
  }
}

function outcomeOf<Item, T>(
  outcome: ClientOutcome<Item, T>,
  call: FailedCall,
): BatchOutcome<Item, T> {
  const { item } = outcome;
  if (outcome.ok) return { item, ok: true, value: outcome.value };
  const error = storeVerdict(outcome.error, call);
  if (!RemoteStoreError.is(error) || CapabilityNotSupported.is(error)) throw error;
  return { item, ok: false, error };
}

function never(): boolean {
  return false;
}
