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
  const part = new Part();
  let number = 1;
  for await (const chunk of source) {
    let at = 0;
    while (at < chunk.byteLength) {
      at += part.fill(chunk.subarray(at), sizeOf(number));
      if (part.byteLength < sizeOf(number)) continue;
      number += 1;
      yield part.take();
    }
  }
  if (part.byteLength > 0) yield part.take();
}

/** A part that is being filled. What was taken of it is not held any longer. */
class Part {
  #bytes: Buffer = Buffer.alloc(0);
  byteLength = 0;

  /** Copies, as a source may use its memory again for the next chunk. Returns how many bytes found room. */
  fill(chunk: Uint8Array, size: number): number {
    const taken = Math.min(chunk.byteLength, size - this.byteLength);
    this.#bytes = withRoom(this.#bytes, this.byteLength + taken, size);
    this.#bytes.set(chunk.subarray(0, taken), this.byteLength);
    this.byteLength += taken;
    return taken;
  }

  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.byteLength);
    this.#bytes = Buffer.alloc(0);
    this.byteLength = 0;
    return bytes;
  }
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
