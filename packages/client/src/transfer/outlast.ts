/** A signal that another one started to end. `clear` has to be called. */
export interface Outlasting {
  readonly signal: AbortSignal;
  clear(): void;
}

/** Aborts `ms` milliseconds after `signal` does, with its reason: for what can be taken back only once it is done. */
export function outlast(signal: AbortSignal | undefined, ms: number): Outlasting {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    timer = setTimeout(() => controller.abort(signal?.reason), ms);
  };
  if (signal?.aborted === true) start();
  else signal?.addEventListener("abort", start, { once: true });
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", start);
    },
  };
}
