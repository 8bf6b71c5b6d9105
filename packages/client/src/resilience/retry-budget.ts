import { PerEndpoint } from "./per-endpoint.ts";

/** Why a request is sent again: something broke, or the service asked for fewer requests. */
export type RetryKind = "transient" | "throttling";

const tokensMax = 500;

/** Throttling costs less: the server lives, and its waits are longer. */
const cost = { transient: 14, throttling: 5 } as const satisfies Record<RetryKind, number>;

/**
 * Tokens that retries cost and successes earn, so that an outage is not multiplied by the clients that meet it: of 300
 * calls that all fail, 35 are retried.
 */
export class RetryBudget {
  #tokens = tokensMax;

  get tokens(): number {
    return this.#tokens;
  }

  /** Whether a retry may be sent; its cost is taken if so. */
  take(kind: RetryKind): boolean {
    if (this.#tokens < cost[kind]) return false;
    this.#tokens -= cost[kind];
    return true;
  }

  /** A call succeeded: what its last retry cost comes back, or one token where it needed none. */
  success(lastRetry?: RetryKind): void {
    const earned = lastRetry === undefined ? 1 : cost[lastRetry];
    this.#tokens = Math.min(tokensMax, this.#tokens + earned);
  }
}

const budgets = new PerEndpoint(() => new RetryBudget());

/** The budget of an endpoint (scheme, host and port), shared by all clients of the process. */
export function budgetOf(endpoint: string): RetryBudget {
  return budgets.of(endpoint);
}
