import { toStoreError } from "../errors/to-store-error.ts";
import type { FailedCall } from "../errors/to-store-error.ts";

/** Rejects with `Aborted` as soon as the signal aborts, whatever the promise does. Leaves no listener behind. */
export function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  call: FailedCall,
): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(toStoreError({ kind: "aborted", cause: signal.reason }, call));
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
