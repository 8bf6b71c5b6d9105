/** How much memory a part begins with; it grows to its size as the bytes come. */
const firstBytes = 2 ** 16;

/**
 * Cuts a source into pieces of exact sizes, the last one shorter; nothing at all for an empty source. Holds one of
 * them at most. Does not read on before it is asked.
 */
export async function* cut(
  source: AsyncIterable<Uint8Array>,
  sizeOf: (number: number) => number,
): AsyncGenerator<Buffer, void, undefined> {
  let number = 1;
  let size = sizeOf(number);
  let held: Buffer = Buffer.alloc(0);
  let heldBytes = 0;
  for await (const chunk of source) {
    let at = 0;
    while (at < chunk.byteLength) {
      const taken = Math.min(chunk.byteLength - at, size - heldBytes);
      held = withRoom(held, heldBytes + taken, size);
      // A copy: a source may use its memory again for the next chunk.
      held.set(chunk.subarray(at, at + taken), heldBytes);
      at += taken;
      heldBytes += taken;
      if (heldBytes < size) continue;
      const whole = held;
      held = Buffer.alloc(0);
      heldBytes = 0;
      number += 1;
      size = sizeOf(number);
      yield whole;
    }
  }
  if (heldBytes > 0) yield held.subarray(0, heldBytes);
}

/** A small object takes little, and a large one is copied seldom. */
function withRoom(held: Buffer, bytes: number, size: number): Buffer {
  if (bytes <= held.byteLength) return held;
  const room = Buffer.allocUnsafeSlow(
    Math.min(size, Math.max(bytes, firstBytes, held.byteLength * 8)),
  );
  room.set(held);
  return room;
}
