import { setTimeout as wait } from "node:timers/promises";
import { AzureError, toAzureError } from "./azure-error.ts";
import { kindOfAzure } from "./failure-of-azure.ts";

/** How requests are sent. */
export interface RequestLimits {
  /** How often one is sent at most. */
  readonly attemptsMax: number;
  /** How long one may take until the head of its answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** One request, as often as it takes. */
export interface Asking<T> {
  readonly send: (abortSignal: AbortSignal) => Promise<T>;
  /** Whether it changes something, so that a second time may find the first one's work. */
  readonly changes?: boolean | undefined;
  readonly signal: AbortSignal | undefined;
}

const firstWaitMs = 200;
const longestWaitMs = 20_000;

/**
 * Sends requests, each within its time, and again what may be sent again. The SDK's own retries are off: they would repeat
 * a creation whose answer was lost, and report what it had made itself as somebody else's.
 */
export class Requests {
  readonly #limits: RequestLimits;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** Rejects with an `AzureError`, or with the signal's reason. */
  async ask<T>({ send, changes = false, signal }: Asking<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(send, signal);
      } catch (error) {
        signal?.throwIfAborted();
        const failed = toAzureError(error, changes);
        const waitMs = waitOf(failed, attempt);
        const isLast = attempt >= this.#limits.attemptsMax || !mayRepeat(failed);
        if (isLast || waitMs > longestWaitMs) throw failed;
        await wait(waitMs, undefined, { signal });
      }
    }
  }

  async #once<T>(
    send: (abortSignal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    signal?.throwIfAborted();
    const ending = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    let abort: (() => void) | undefined;
    const ended = new Promise<never>((_resolve, reject) => {
      const end = (reason: unknown): void => {
        reject(reason);
        ending.abort();
      };
      abort = (): void => end(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      timer = setTimeout(end, this.#limits.timeoutMs, new AzureError({ code: "HeadersTimeout" }));
    });
    try {
      // The SDK waits for a token of a credential without looking at the signal.
      return await Promise.race([send(ending.signal), ended]);
    } finally {
      clearTimeout(timer);
      if (abort !== undefined) signal?.removeEventListener("abort", abort);
    }
  }
}

/** What was refused before anything was done may be sent again, and what changes nothing whenever it broke. */
function mayRepeat(error: AzureError): boolean {
  const kind = kindOfAzure(error);
  const mayPass = kind === "unavailable" || kind === "timeout" || kind === "throttled";
  return mayPass && !error.ambiguous;
}

function waitOf({ retryAfter }: AzureError, attempt: number): number {
  const ownMs = firstWaitMs * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.max(ownMs, (retryAfter ?? 0) * 1000);
}
