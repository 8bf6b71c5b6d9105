/** How much memory a part begins with; it grows to its size as the bytes come. */
const firstBytes = 2 ** 16;

/**
 * Cuts a source into pieces of exact sizes, the last one shorter; nothing at all for an empty source. Holds one of
 * them at most. Does not read on before it is asked.
 */
export function cut(
  source: AsyncIterable<Uint8Array>,
  sizeOf: (number: number) => number,
): AsyncIterableIterator<Buffer, undefined> {
  return new Cutter(source[Symbol.asyncIterator](), sizeOf);
}

/** No generator: that would hold the piece it gave until it is asked for the one after the next. */
class Cutter implements AsyncIterableIterator<Buffer, undefined> {
  readonly #source: AsyncIterator<Uint8Array, unknown>;
  readonly #sizeOf: (number: number) => number;
  readonly #part = new Part();
  #number = 1;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterator<Uint8Array, unknown>, sizeOf: (number: number) => number) {
    this.#source = source;
    this.#sizeOf = sizeOf;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    while (await this.#hasMore()) {
      const size = this.#sizeOf(this.#number);
      this.#rest = this.#rest.subarray(this.#part.fill(this.#rest, size));
      if (this.#part.byteLength < size) continue;
      this.#number += 1;
      return { done: false, value: this.#part.take() };
    }
    if (this.#part.byteLength === 0) return { done: true, value: undefined };
    return { done: false, value: this.#part.take() };
  }

  async return(): Promise<IteratorResult<Buffer, undefined>> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  async #hasMore(): Promise<boolean> {
    while (this.#rest.byteLength === 0) {
      const step = await this.#source.next();
      if (step.done === true) return false;
      this.#rest = step.value;
    }
    return true;
  }
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
