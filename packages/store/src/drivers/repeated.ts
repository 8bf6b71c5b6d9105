import { setTimeout as wait } from "node:timers/promises";
import type { Failure } from "../errors/driver-failure.ts";

/** One request, as often as it takes. */
export interface Repeated<T> {
  readonly attempt: () => Promise<T>;
  /** How often at most. */
  readonly attemptsMax: number;
  readonly failureOf: (error: unknown) => Failure;
  readonly signal: AbortSignal | undefined;
}

const firstWaitMs = 200;
const longestWaitMs = 20_000;

/**
 * Tries until it succeeds, the attempts are used up, or the failure will not pass. What may have happened is not tried
 * again. Waits twice as long each time, or as long as the service asks; where that is longer than anybody wants, it is the
 * caller's to wait.
 */
export async function repeated<T>(work: Repeated<T>): Promise<T> {
  const { attempt, attemptsMax, failureOf, signal } = work;
  for (let count = 1; ; count += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const failure = failureOf(error);
      // The signal's reason would not say that it may have happened.
      if (failure.ambiguous === true) throw error;
      signal?.throwIfAborted();
      const ownMs = firstWaitMs * 2 ** (count - 1) * (0.5 + Math.random());
      const waitMs = Math.max(ownMs, (failure.retryAfter ?? 0) * 1000);
      if (count >= attemptsMax || waitMs > longestWaitMs || !mayPass(failure)) throw error;
      await wait(waitMs, undefined, { signal });
    }
  }
}

function mayPass({ kind, retryable }: Failure): boolean {
  if (retryable === false) return false;
  return kind === "unavailable" || kind === "timeout" || kind === "throttled";
}
