import { repeated } from "../repeated.ts";
import { AzureError, toAzureError } from "./azure-error.ts";
import { failureOfAzure } from "./failure-of-azure.ts";

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

/**
 * Sends requests, each within its time, and again what may be sent again. The SDK's own retries are off: they would repeat
 * a creation whose answer was lost, and report what it had made itself as somebody else's.
 */
export class Requests {
  readonly #limits: RequestLimits;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** Rejects with an `AzureError`, or with the signal's reason where nothing can have happened. */
  ask<T>({ send, changes = false, signal }: Asking<T>): Promise<T> {
    return repeated({
      attempt: () => this.#once(send, signal).catch(toAzureErrors(changes)),
      attemptsMax: this.#limits.attemptsMax,
      failureOf: failureOfAzure,
      signal,
    });
  }

  async #once<T>(
    send: (abortSignal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
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

function toAzureErrors(changes: boolean): (error: unknown) => never {
  return (error) => {
    throw toAzureError(error, changes);
  };
}
