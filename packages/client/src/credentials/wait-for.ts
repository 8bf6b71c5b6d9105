import { WireFailure } from "../errors/wire-failure.ts";

/** Waits for what others may wait for too: the signal ends this wait alone, with its reason as the cause. */
export function waitFor<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return shared;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(new WireFailure({ code: "Aborted", cause: signal.reason }));
    };
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    const forget = (): void => signal.removeEventListener("abort", abort);
    shared.then(resolve, reject).then(forget, forget);
  });
}
