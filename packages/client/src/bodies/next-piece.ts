import { WireFailure } from "../errors/wire-failure.ts";

/** The next piece, or undefined at the end. Rejects with the source's failure as such; does not outwait the signal. */
export function nextPiece<Piece>(
  pieces: Pick<AsyncIterator<Piece, unknown>, "next">,
  signal: AbortSignal | undefined,
): Promise<Piece | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new WireFailure({ code: "Aborted", cause: signal?.reason }));
    if (signal?.aborted === true) {
      abort();
      return;
    }
    signal?.addEventListener("abort", abort, { once: true });
    pieces
      .next()
      .then((step) => resolve(step.done === true ? undefined : step.value))
      .catch((cause: unknown) => reject(new WireFailure({ code: "BodySourceFailed", cause })))
      .finally(() => signal?.removeEventListener("abort", abort));
  });
}
