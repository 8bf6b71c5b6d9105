import type { AttemptRecord, OperationContext } from "../errors/s3-error.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import { BreakerLease } from "./breaker-lease.ts";
import { rulesOf, type CircuitBreakerOptions, type Rules } from "./breaker-rules.ts";
import type { BreakerVerdict } from "./breaker-verdict.ts";
import { CircuitOpenError } from "./circuit-open-error.ts";
import { FailureWindow } from "./failure-window.ts";
import { tell } from "./tell.ts";

/** The share by which the time that it stays open varies either way, so that clients don't come back as one. */
const openJitter = 0.2;

/** `isolated` is open by hand, until `reset()`. */
export type BreakerState = "closed" | "open" | "half-open" | "isolated";

/** How a breaker stands, for tests and health pages. */
export interface BreakerSnapshot {
  readonly name: string;
  readonly state: BreakerState;
  readonly consecutiveFailures: number;
  /** Calls and failures in the window. */
  readonly calls: number;
  readonly failures: number;
  /** Until a call may pass, in seconds; 0 when one may. Undefined when isolated. */
  readonly retryAfter: number | undefined;
}

/** How an operation fared before it came to the breaker. */
interface Tries {
  readonly history: readonly AttemptRecord[];
  readonly ambiguous: boolean;
}

const noTries: Tries = { history: [], ambiguous: false };

/**
 * Stops calls to an endpoint that fails, and lets one through now and then to see whether it lives again. Counts by a
 * monotonic clock, so setting the wall clock changes nothing.
 */
export class CircuitBreaker {
  readonly #rules: Rules;
  readonly #window: FailureWindow;
  #state: BreakerState = "closed";
  /** Grows with each change of state: a call that began under another one has no say any more. */
  #generation = 0;
  #consecutiveFailures = 0;
  #probeSuccesses = 0;
  /** Times it opened since it was last closed. */
  #trips = 0;
  #retryAtMs = 0;
  #probe: BreakerLease | undefined;
  #lastCause: unknown;

  constructor(options: CircuitBreakerOptions = {}) {
    this.#rules = rulesOf(options);
    this.#window = new FailureWindow(this.#rules.windowMs);
  }

  /** Runs an operation through the breaker. Rejects with `CircuitOpenError`, at once, instead of running it. */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    const lease = this.admit();
    try {
      const value = await operation();
      lease.succeed();
      return value;
    } catch (error) {
      lease.fail(error);
      throw error;
    }
  }

  /** Leave for one call; throws `CircuitOpenError`, which speaks of the operation given. */
  admit(context?: OperationContext, tries: Tries = noTries): BreakerLease {
    if (this.#state === "closed") return new BreakerLease(this.#settle, this.#generation, Infinity);
    const nowMs = this.#rules.now();
    if (this.#mayProbe(nowMs)) return this.#startProbe(nowMs);
    throw new CircuitOpenError({
      context: context ?? { operation: this.#rules.name },
      history: tries.history,
      ambiguous: tries.ambiguous,
      remainingMs: this.#remainingMs(nowMs),
      lastCause: publicCause(this.#lastCause, context),
    });
  }

  /** Opens it by hand, until `reset()`. */
  isolate(): void {
    this.#enter("isolated");
    tell(this.#rules.onEvent, { type: "isolate", name: this.#rules.name });
  }

  /** Closes it by hand and forgets what it counted. */
  reset(): void {
    this.#close();
    tell(this.#rules.onEvent, { type: "reset", name: this.#rules.name });
  }

  snapshot(): BreakerSnapshot {
    const nowMs = this.#rules.now();
    const remainingMs = this.#remainingMs(nowMs);
    return {
      name: this.#rules.name,
      state: this.#state,
      consecutiveFailures: this.#consecutiveFailures,
      ...this.#window.totals(nowMs),
      retryAfter: remainingMs === undefined ? undefined : remainingMs / 1_000,
    };
  }

  #mayProbe(nowMs: number): boolean {
    if (this.#state === "isolated") return false;
    if (this.#state === "open") return nowMs >= this.#retryAtMs;
    return this.#probe === undefined || nowMs >= this.#probe.expiresAtMs;
  }

  #startProbe(nowMs: number): BreakerLease {
    const wasOpen = this.#state === "open";
    if (wasOpen) this.#enter("half-open");
    const probe = new BreakerLease(
      this.#settle,
      this.#generation,
      nowMs + this.#rules.probeTimeoutMs,
    );
    this.#probe = probe;
    if (wasOpen) tell(this.#rules.onEvent, { type: "half-open", name: this.#rules.name });
    return probe;
  }

  readonly #settle = (lease: BreakerLease, said: BreakerVerdict, error?: unknown): void => {
    // Not even judged: a straggler has no say, whatever it came to.
    if (lease.generation !== this.#generation) return;
    const isProbe = this.#state === "half-open";
    if (isProbe && lease !== this.#probe) return;
    if (isProbe) this.#probe = undefined;
    const verdict = said === "failure" ? this.#rules.judge(error) : said;
    if (verdict === "neutral") return;
    if (verdict === "failure") this.#lastCause = error;
    if (isProbe) this.#settleProbe(verdict);
    else this.#count(verdict);
  };

  #settleProbe(verdict: BreakerVerdict): void {
    if (verdict === "failure") {
      this.#trip();
      return;
    }
    this.#probeSuccesses += 1;
    if (this.#probeSuccesses < this.#rules.successThreshold) return;
    this.#close();
    tell(this.#rules.onEvent, { type: "close", name: this.#rules.name });
  }

  #count(verdict: BreakerVerdict): void {
    const nowMs = this.#rules.now();
    const failed = verdict === "failure";
    this.#window.record(failed, nowMs);
    this.#consecutiveFailures = failed ? this.#consecutiveFailures + 1 : 0;
    if (failed && this.#isTooMuch(nowMs)) this.#trip();
  }

  #isTooMuch(nowMs: number): boolean {
    if (this.#consecutiveFailures >= this.#rules.failureThreshold) return true;
    const { calls, failures } = this.#window.totals(nowMs);
    return calls >= this.#rules.minimumCalls && failures >= calls * this.#rules.failureRate;
  }

  #trip(): void {
    const { timeoutMs, maxTimeoutMs, random } = this.#rules;
    const jitter = 1 - openJitter + 2 * openJitter * random();
    const openMs = Math.min(timeoutMs * 2 ** this.#trips, maxTimeoutMs) * jitter;
    this.#trips += 1;
    this.#enter("open");
    this.#retryAtMs = this.#rules.now() + openMs;
    const cause = publicCause(this.#lastCause);
    tell(this.#rules.onEvent, {
      type: "open",
      name: this.#rules.name,
      retryAfter: openMs / 1_000,
      cause,
    });
  }

  #close(): void {
    this.#enter("closed");
    this.#consecutiveFailures = 0;
    this.#trips = 0;
    this.#lastCause = undefined;
    this.#window.clear();
  }

  #enter(state: BreakerState): void {
    this.#state = state;
    this.#generation += 1;
    this.#probe = undefined;
    this.#probeSuccesses = 0;
  }

  #remainingMs(nowMs: number): number | undefined {
    if (this.#state === "isolated") return undefined;
    if (this.#state === "closed") return 0;
    const untilMs = this.#state === "open" ? this.#retryAtMs : (this.#probe?.expiresAtMs ?? nowMs);
    return Math.max(0, untilMs - nowMs);
  }
}

/** What is counted may be a failure on the wire, which callers never see. */
function publicCause(cause: unknown, context: OperationContext = { operation: "" }): unknown {
  if (!(cause instanceof WireFailure)) return cause;
  return toS3Error(cause.fields, { context, history: [], ambiguous: false });
}
