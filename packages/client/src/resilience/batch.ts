import { checkedNumber } from "./checked-number.ts";
import { isRetryable } from "./is-retryable.ts";
import { LinkedSignal } from "./linked-signal.ts";
import { orderedPool } from "./ordered-pool.ts";
import { checkRetryOptions, retry, type RetryOptions } from "./retry.ts";

/** What became of one item. */
export type BatchOutcome<Item, T> =
  | {
      readonly item: Item;
      readonly ok: true;
      readonly value: T;
      /** How often it was tried. */
      readonly attempts: number;
    }
  | {
      readonly item: Item;
      readonly ok: false;
      readonly error: unknown;
      /** How often it was tried: 0 where the batch ended before its turn. */
      readonly attempts: number;
    };

/** One try of one item, as the operation sees it. */
export interface BatchAttempt {
  /** Counted from 1. */
  readonly attempt: number;
  /** Aborted with the caller's signal, and when nobody waits for the outcome any more. */
  readonly signal: AbortSignal;
}

/** How many at once, how often, and when to stop. Waits are those of `retry`, the first up to 2 s long. */
export interface BatchOptions extends Omit<RetryOptions, "maxRetries" | "deadlineMs" | "onRetry"> {
  /** Items under way at once: 5 by default. One that waits to be tried again keeps its place. */
  readonly concurrency?: number | undefined;
  /** Tries of an item after its first: 2 by default. */
  readonly retries?: number | undefined;
  /** Whether an error that trying again cannot help ends the batch: what is under way ends, nothing more begins. */
  readonly stopOnFatal?: boolean | undefined;
}

type Operation<Item, T> = (item: Item, attempt: BatchAttempt) => Promise<T>;

/** How many places of a streamed batch may be done and not yet taken, for each that may be under way. */
const aheadPerPlace = 16;

/**
 * Runs an operation on each item and resolves with one outcome for each, in the items' order; a failure of an item never
 * rejects. After an abort or a fatal error the rest of an array is listed as aborted; any other source is not read
 * further. Rejects only with what the source of the items throws.
 */
export async function batch<Item, T>(
  items: Iterable<Item> | AsyncIterable<Item>,
  operation: Operation<Item, T>,
  options: BatchOptions = {},
): Promise<BatchOutcome<Item, T>[]> {
  const outcomes: BatchOutcome<Item, T>[] = [];
  const run = new BatchRun(operation, options);
  for await (const outcome of run.outcomes(items, Infinity)) outcomes.push(outcome);
  return outcomes;
}

/**
 * `batch` for sources without an end: outcomes come in the items' order as they are asked for, and neither items nor
 * outcomes pile up. Leaving the loop aborts what is under way.
 */
export function batchStream<Item, T>(
  items: Iterable<Item> | AsyncIterable<Item>,
  operation: Operation<Item, T>,
  options: BatchOptions = {},
): AsyncGenerator<BatchOutcome<Item, T>, void, undefined> {
  return new BatchRun(operation, options).outcomes(items, aheadPerPlace);
}

class BatchRun<Item, T> {
  readonly #operation: Operation<Item, T>;
  readonly #options: BatchOptions;
  /** What is under way. */
  readonly #work: LinkedSignal;
  /** What has not begun: tries and the waits before them. */
  readonly #pending: LinkedSignal;

  constructor(operation: Operation<Item, T>, options: BatchOptions) {
    const { concurrency = 1, retries: maxRetries } = options;
    checkedNumber(["concurrency", concurrency], { min: 1 });
    checkRetryOptions({ ...options, maxRetries });
    this.#operation = operation;
    this.#options = options;
    this.#work = new LinkedSignal(options.signal);
    this.#pending = new LinkedSignal(this.#work.signal);
  }

  async *outcomes(
    items: Iterable<Item> | AsyncIterable<Item>,
    aheadPerTask: number,
  ): AsyncGenerator<BatchOutcome<Item, T>, void, undefined> {
    const { concurrency = 5 } = this.#options;
    let complete = false;
    try {
      yield* orderedPool(items, (item) => this.#outcome(item), {
        concurrency,
        ahead: concurrency * aheadPerTask,
        // The rest of an array is at hand and has an end; of anything else neither is sure.
        signal: Array.isArray(items) ? undefined : this.#pending.signal,
      });
      complete = true;
    } finally {
      // Not at the end: what was returned may still be in use, as an object's body is.
      if (!complete) this.#work.abort(new DOMException("Nobody waits for it.", "AbortError"));
      this.#work.end();
      this.#pending.end();
    }
  }

  async #outcome(item: Item): Promise<BatchOutcome<Item, T>> {
    const { retries = 2, baseDelay = 2, ...rest } = this.#options;
    const { signal } = this.#work;
    let attempts = 0;
    try {
      const value = await retry(
        ({ attempt }) => {
          attempts = attempt;
          return this.#operation(item, { attempt, signal });
        },
        { ...rest, maxRetries: retries, baseDelay, signal: this.#pending.signal },
      );
      return { item, ok: true, value, attempts };
    } catch (error) {
      this.#stopIfFatal(error, attempts);
      return { item, ok: false, error, attempts };
    }
  }

  #stopIfFatal(error: unknown, attempts: number): void {
    const { stopOnFatal = false, retryable = isRetryable } = this.#options;
    if (!stopOnFatal || attempts === 0 || this.#pending.signal.aborted || retryable(error)) return;
    this.#pending.abort(error);
  }
}
