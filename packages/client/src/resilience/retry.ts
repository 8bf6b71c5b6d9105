import { S3Error, type OperationContext } from "../errors/s3-error.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import * as rows from "../operations/rows.ts";
import { AttemptTrail } from "./attempt-trail.ts";
import { isRetryable } from "./is-retryable.ts";
import { checkedNumber } from "./checked-number.ts";
import { LinkedSignal } from "./linked-signal.ts";
import { budgetOf, type RetryBudget, type RetryKind } from "./retry-budget.ts";
import { retrySignsOf } from "./retry-signs.ts";
import { tell } from "./tell.ts";
import { wait } from "./wait.ts";

/** One try, as the operation sees it. */
export interface RetryAttempt {
  /** Counted from 1. */
  readonly attempt: number;
  /** Aborted with the caller's signal, and when the deadline passes. */
  readonly signal: AbortSignal;
}

/** A retry that is about to be waited for. */
export interface RetryNotice {
  /** The try that failed, counted from 1. */
  readonly attempt: number;
  readonly error: unknown;
  /** Until the next one. */
  readonly delayMs: number;
}

/** How often, how long and after what to try again. */
export interface RetryOptions {
  /** Tries after the first: 3 by default. */
  readonly maxRetries?: number | undefined;
  /** The ceiling of the first wait, in seconds: 1 by default. */
  readonly baseDelay?: number | undefined;
  /** What no wait exceeds, in seconds, whatever a server asks for: 60 by default. */
  readonly maxDelay?: number | undefined;
  /** What the ceiling is multiplied by after each wait: 2 by default. */
  readonly exponentialBase?: number | undefined;
  /** Whether a wait is anything between zero and its ceiling (the default), or the ceiling itself. */
  readonly jitter?: boolean | undefined;
  /** For all tries and waits together, in milliseconds: none by default. No wait is begun that would pass it. */
  readonly deadlineMs?: number | undefined;
  /**
   * Whether doing it twice leaves what doing it once does: only then is a failure retried that may have been a success.
   * What the operation that failed is known to be by default.
   */
  readonly idempotent?: boolean | undefined;
  /** Which errors to try again after: by default what is `isRetryable`, and not refused by an open circuit breaker. */
  readonly retryable?: ((error: unknown) => boolean) | undefined;
  /** What retries draw on after errors that name no endpoint; without it such retries have no budget. */
  readonly budget?: RetryBudget | undefined;
  /** Told of each retry before its wait. */
  readonly onRetry?: ((event: RetryNotice) => void) | undefined;
  /** Uniform in [0, 1). */
  readonly random?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs an operation until it succeeds or trying again cannot help, and rejects with the last error, whose `history` has
 * every try. Retries draw on the budget of the endpoint that failed. An abort rejects with `S3AbortedError`.
 */
export async function retry<T>(
  operation: (attempt: RetryAttempt) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const run = new Run(options);
  try {
    for (;;) {
      run.begin();
      try {
        const value = await operation(run);
        run.succeed();
        return value;
      } catch (error) {
        await run.pause(error);
      }
    }
  } finally {
    run.end();
  }
}

class Run implements RetryAttempt {
  attempt = 0;
  readonly #options: RetryOptions;
  readonly #link: LinkedSignal;
  readonly #trail = new AttemptTrail();
  readonly #endsAtMs: number;
  readonly #timer: NodeJS.Timeout | undefined;
  #expired = false;
  #lastError: unknown;

  constructor(options: RetryOptions) {
    checkRetryOptions(options);
    this.#options = options;
    this.#link = new LinkedSignal(options.signal);
    const { deadlineMs = Infinity } = options;
    this.#endsAtMs = performance.now() + deadlineMs;
    if (deadlineMs < Infinity) this.#timer = setTimeout(() => this.#expire(), deadlineMs);
  }

  get signal(): AbortSignal {
    return this.#link.signal;
  }

  begin(): void {
    if (this.signal.aborted) throw this.#ended(this.signal.reason);
    this.attempt += 1;
  }

  succeed(): void {
    if (this.attempt > 1) this.#budget(this.#lastError)?.success(kindOf(this.#lastError));
  }

  /** Waits for the next try, or throws what the caller is to have. */
  async pause(error: unknown): Promise<void> {
    this.#lastError = error;
    const delayMs = this.#delayMs(error);
    const willRetry = this.#mayRetry(error) && performance.now() + delayMs < this.#endsAtMs;
    const isAllowed = willRetry && (this.#budget(error)?.take(kindOf(error)) ?? true);
    if (!isAllowed) throw this.#last(error);
    this.#trail.add(error, delayMs);
    tell(this.#options.onRetry, { attempt: this.attempt, error, delayMs });
    try {
      await wait(delayMs, this.signal);
    } catch (reason) {
      throw this.#ended(reason);
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#link.end();
  }

  #mayRetry(error: unknown): boolean {
    const { maxRetries = 3, retryable = isRetryableNow, idempotent } = this.#options;
    if (this.attempt > maxRetries || this.signal.aborted || !retryable(error)) return false;
    return !retrySignsOf(error).ambiguous || (idempotent ?? isIdempotent(error));
  }

  /** The budget of the endpoint that failed. */
  #budget(error: unknown): RetryBudget | undefined {
    const endpoint = S3Error.is(error) ? error.endpoint : undefined;
    return endpoint === undefined ? this.#options.budget : budgetOf(endpoint);
  }

  #delayMs(error: unknown): number {
    const { baseDelay = 1, maxDelay = 60, exponentialBase = 2, jitter = true } = this.#options;
    const { random = Math.random } = this.#options;
    const ceiling = Math.min(baseDelay * exponentialBase ** (this.attempt - 1), maxDelay);
    const own = jitter ? random() * ceiling : ceiling;
    const { retryAfter: asked = 0 } = retrySignsOf(error);
    return Math.max(own, Math.min(asked, maxDelay)) * 1_000;
  }

  /** The error of the last try, as the caller gets it. */
  #last(error: unknown): unknown {
    this.#trail.add(error);
    if (this.#expired) return this.#ended(error);
    if (this.attempt > 1) this.#trail.keepIn(error);
    return error;
  }

  /** What to say when the caller or the clock ended it. */
  #ended(cause: unknown): S3Error {
    const code = this.#expired ? "DeadlineExceeded" : "Aborted";
    return toS3Error(
      { code, cause },
      {
        context: contextOf(this.#lastError),
        history: [...this.#trail.records],
        ambiguous: this.#trail.ambiguous,
      },
    );
  }

  #expire(): void {
    this.#expired = true;
    this.#link.abort(new DOMException("The deadline passed.", "TimeoutError"));
  }
}

/** Throws an `S3Error` for options that would never end, or never wait. */
export function checkRetryOptions(options: RetryOptions): void {
  const {
    maxRetries = 0,
    baseDelay = 0,
    maxDelay = 0,
    exponentialBase = 1,
    deadlineMs = 0,
  } = options;
  checkedNumber(["maxRetries", maxRetries], { min: 0 });
  checkedNumber(["baseDelay", baseDelay], { min: 0 });
  checkedNumber(["maxDelay", maxDelay], { min: 0 });
  checkedNumber(["exponentialBase", exponentialBase], { min: 1 });
  checkedNumber(["deadlineMs", deadlineMs], { min: 0 });
}

/** A breaker that is open is there to end retries; whoever asked for them may come back when it says so. */
function isRetryableNow(error: unknown): boolean {
  return isRetryable(error) && !(S3Error.is(error) && error.errorCode === "CircuitOpen");
}

/** Who says when to come back asks for fewer requests. */
function kindOf(error: unknown): RetryKind {
  const isThrottling = S3Error.is(error)
    ? error.retry === "throttling"
    : retrySignsOf(error).retryAfter !== undefined;
  return isThrottling ? "throttling" : "transient";
}

/** Whether an operation of the client is one that can be repeated. Of others nothing is known. */
function isIdempotent(error: unknown): boolean {
  if (!S3Error.is(error)) return false;
  return Object.values(rows).some(({ name, idempotent }) => name === error.operation && idempotent);
}

function contextOf(error: unknown): OperationContext {
  if (!S3Error.is(error)) return { operation: "retry" };
  const { operation, bucket, key, region, endpoint } = error;
  return { operation, bucket, key, region, endpoint };
}
