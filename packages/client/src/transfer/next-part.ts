import { WireFailure } from "../errors/wire-failure.ts";

/** The next part, or the source's failure as such. Does not outwait the signal. */
export function nextPart(
  parts: AsyncIterator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new WireFailure({ code: "Aborted", cause: signal?.reason }));
    if (signal?.aborted === true) {
      abort();
      return;
    }
    signal?.addEventListener("abort", abort, { once: true });
    parts
      .next()
      .then(({ done, value }) => resolve(done === true ? undefined : value))
      .catch((cause: unknown) => reject(new WireFailure({ code: "BodySourceFailed", cause })))
      .finally(() => signal?.removeEventListener("abort", abort));
  });
}
