import { checkedNumber } from "./checked-number.ts";
import { breakerVerdict, type BreakerVerdict } from "./breaker-verdict.ts";

/** What happened to a breaker. */
export interface BreakerEvent {
  readonly type: "open" | "half-open" | "close" | "isolate" | "reset";
  /** The breaker's name: the endpoint, inside the client. */
  readonly name: string;
  /** Until a call may pass, in seconds, of `open`. */
  readonly retryAfter?: number | undefined;
  /** The failure that opened it, of `open`. */
  readonly cause?: unknown;
}

/** When a breaker opens and closes. */
export interface CircuitBreakerOptions {
  /** Names it in errors and events. */
  readonly name?: string | undefined;
  /** Failures in a row that open it: 5 by default. */
  readonly failureThreshold?: number | undefined;
  /** Share of failures that opens it: 0.5 by default, of at least `minimumCalls`. */
  readonly failureRate?: number | undefined;
  /** Calls in the window before the share counts: 20 by default. */
  readonly minimumCalls?: number | undefined;
  /** How far back the share looks, in seconds: 30 by default. */
  readonly window?: number | undefined;
  /** How long it stays open at first, in seconds, give or take a fifth: 60 by default. Each failed probe doubles it. */
  readonly timeout?: number | undefined;
  /** What it never stays open longer than, in seconds: 60 by default, or `timeout` where that is more. */
  readonly maxTimeout?: number | undefined;
  /** Probes in a row that must succeed to close it: 1 by default. */
  readonly successThreshold?: number | undefined;
  /** How long a probe may take before the next caller gets its place, in seconds: 30 by default. */
  readonly probeTimeout?: number | undefined;
  /** What an error says of the endpoint: `breakerVerdict` by default. */
  readonly judge?: ((error: unknown) => BreakerVerdict) | undefined;
  /** Told of each change, after it. What it throws is a warning and changes nothing here. */
  readonly onEvent?: ((event: BreakerEvent) => void) | undefined;
  /** A monotonic clock in milliseconds. */
  readonly now?: (() => number) | undefined;
  /** Uniform in [0, 1). */
  readonly random?: (() => number) | undefined;
}

/** The options with their defaults, times in milliseconds. */
export interface Rules extends Times {
  readonly name: string;
  readonly failureThreshold: number;
  readonly failureRate: number;
  readonly minimumCalls: number;
  readonly successThreshold: number;
  readonly judge: (error: unknown) => BreakerVerdict;
  readonly onEvent: ((event: BreakerEvent) => void) | undefined;
  readonly now: () => number;
  readonly random: () => number;
}

interface Times {
  readonly windowMs: number;
  readonly timeoutMs: number;
  readonly maxTimeoutMs: number;
  readonly probeTimeoutMs: number;
}

export function rulesOf(options: CircuitBreakerOptions): Rules {
  const {
    failureThreshold = 5,
    failureRate = 0.5,
    minimumCalls = 20,
    successThreshold = 1,
  } = options;
  return {
    ...timesOf(options),
    name: options.name ?? "circuit breaker",
    failureThreshold: checkedNumber(["failureThreshold", failureThreshold], { min: 1 }),
    failureRate: checkedNumber(["failureRate", failureRate], { min: 0 }),
    minimumCalls: checkedNumber(["minimumCalls", minimumCalls], { min: 1 }),
    successThreshold: checkedNumber(["successThreshold", successThreshold], { min: 1 }),
    judge: options.judge ?? breakerVerdict,
    onEvent: options.onEvent,
    now: options.now ?? (() => performance.now()),
    random: options.random ?? Math.random,
  };
}

function timesOf(options: CircuitBreakerOptions): Times {
  const { window = 30, timeout = 60, maxTimeout = 60, probeTimeout = 30 } = options;
  checkedNumber(["timeout", timeout], { min: 0 });
  checkedNumber(["maxTimeout", maxTimeout], { min: 0 });
  return {
    windowMs: checkedNumber(["window", window], { min: 0.001 }) * 1_000,
    timeoutMs: timeout * 1_000,
    maxTimeoutMs: Math.max(maxTimeout, timeout) * 1_000,
    probeTimeoutMs: checkedNumber(["probeTimeout", probeTimeout], { min: 0 }) * 1_000,
  };
}

/** The rules of the client's own breakers: it sends many calls, so it waits for more failures and looks again sooner. */
export const endpointBreakerOptions = {
  failureThreshold: 10,
  timeout: 5,
  maxTimeout: 60,
  successThreshold: 3,
} as const satisfies CircuitBreakerOptions;
