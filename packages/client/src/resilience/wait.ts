/** What a timer can count: longer waits end here, after some 24 days, and not at once. */
const timerMsMax = 2 ** 31 - 1;

/**
 * Resolves after so many milliseconds by the monotonic clock. Rejects with the signal's reason as soon as that aborts,
 * and leaves neither timer nor listener behind on any path.
 */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      },
      Math.min(ms, timerMsMax),
    );
    signal?.addEventListener("abort", abort, { once: true });
  });
}
