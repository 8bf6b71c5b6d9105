import { DriverFailure } from "../errors/driver-failure.ts";

/** Fails as `aborted` once the signal is, whatever the promise does. Leaves no listener behind. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(aborted(signal));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** The failure that a signal asks for, which a signal of the kernel's own says itself; `ambiguous` if what it ended may have happened. */
export function aborted(signal: AbortSignal, ambiguous?: boolean): DriverFailure {
  if (signal.reason instanceof DriverFailure) return signal.reason;
  return new DriverFailure({ kind: "aborted", ambiguous, cause: signal.reason });
}
