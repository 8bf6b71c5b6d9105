import type { RetryKind } from "./retry-budget.ts";

/** The longest first wait by kind, in milliseconds, doubled for each later one. */
const baseMs = { transient: 50, throttling: 1_000 } as const satisfies Record<RetryKind, number>;

/** No wait grows beyond this, in milliseconds. */
const capMs = 20_000;

/** How much longer than its own wait a server can make a client wait, in milliseconds. */
const heedMs = 5_000;

/** What the wait before a retry depends on. */
export interface Backoff {
  readonly kind: RetryKind;
  /** Retries so far: 0 before the first. */
  readonly retries: number;
  /** When the server said to come back, in seconds. */
  readonly retryAfter?: number | undefined;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * How long to wait before a retry, in milliseconds: full jitter under a doubling ceiling. A server's wish can only
 * lengthen it, by 5 s at most, so that no server can park its clients.
 */
export function backoffMs({ kind, retries, retryAfter, random }: Backoff): number {
  const own = Math.floor(random() * Math.min(baseMs[kind] * 2 ** retries, capMs));
  if (retryAfter === undefined) return own;
  return Math.max(own, Math.min(retryAfter * 1_000, own + heedMs));
}
