import type { Body } from "../api.ts";

/** The body, ended by the signal's reason as soon as it aborts, even while the source is silent. */
export function abortable(body: Body, signal: AbortSignal | undefined): Body {
  return signal === undefined ? body : abortedBy(signal, body);
}

async function* abortedBy(signal: AbortSignal, body: Body): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  let interrupt: ((reason: unknown) => void) | undefined;
  const onAbort = (): void => interrupt?.(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  let finished = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      const step = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        interrupt = reject;
        iterator.next().then(resolve, reject);
      });
      finished = step.done === true;
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Not awaited: a source that is silent would not answer this either.
    if (!finished) iterator.return?.().then(undefined, () => undefined);
  }
}
