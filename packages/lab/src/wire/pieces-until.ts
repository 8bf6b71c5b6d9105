/** Where in a stream of bytes something happens. */
export interface Place {
  /** Bytes before it. */
  readonly after: number;
  /** Called there, once everything before it was passed on; the rest follows only when it says so. */
  readonly act: () => Promise<"go-on" | "stop">;
}

/** The same bytes, with a place among them where something happens; a stream that ends before it has no such place. */
export async function* piecesUntil(
  pieces: AsyncIterable<Buffer>,
  place: Place | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  let passed = 0;
  let waiting = place;
  for await (const piece of pieces) {
    let rest = piece;
    if (waiting !== undefined && passed + rest.length >= waiting.after) {
      const before = waiting.after - passed;
      if (before > 0) yield rest.subarray(0, before);
      passed += before;
      rest = rest.subarray(before);
      if ((await waiting.act()) === "stop") return;
      waiting = undefined;
    }
    if (rest.length === 0) continue;
    yield rest;
    passed += rest.length;
  }
}
