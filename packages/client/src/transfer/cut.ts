/**
 * Cuts a source into pieces of exact sizes, the last one shorter; nothing at all for an empty source. Holds one of
 * them at most. Does not read on before it is asked.
 */
export async function* cut(
  source: AsyncIterable<Uint8Array>,
  sizeOf: (number: number) => number,
): AsyncGenerator<Buffer, void, undefined> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let number = 1;
  for await (const chunk of source) {
    let rest = chunk;
    while (heldBytes + rest.byteLength >= sizeOf(number)) {
      const taken = sizeOf(number) - heldBytes;
      held.push(rest.subarray(0, taken));
      yield Buffer.concat(held, sizeOf(number));
      rest = rest.subarray(taken);
      held = [];
      heldBytes = 0;
      number += 1;
    }
    if (rest.byteLength > 0) {
      // A source may use its memory again for the next chunk.
      held.push(Uint8Array.from(rest));
      heldBytes += rest.byteLength;
    }
  }
  if (heldBytes > 0) yield Buffer.concat(held, heldBytes);
}
