/** Small enough that a short write copies little, large enough that a file has few. */
const pageBytes = 1024;
const zeroPage: Buffer = Buffer.alloc(pageBytes);

/** The bytes of a file as they were at one moment. Versions share the pages that they agree on. */
export class Pages {
  static readonly empty = new Pages([], 0);

  readonly length: number;
  /** Bytes behind the length are zero. */
  readonly #pages: readonly Buffer[];

  private constructor(pages: readonly Buffer[], length: number) {
    this.#pages = pages;
    this.length = length;
  }

  static of(bytes: Buffer): Pages {
    return Pages.empty.written(bytes, 0);
  }

  /** With `bytes` at `position`, which are not to be changed from now on. */
  written(bytes: Buffer, position: number): Pages {
    const end = position + bytes.length;
    const length = Math.max(this.length, end);
    const pages = this.#withPagesFor(length);
    for (let at = position; at < end;) {
      const index = Math.floor(at / pageBytes);
      const from = at - index * pageBytes;
      const part = bytes.subarray(at - position, Math.min(end, at - from + pageBytes) - position);
      if (part.length === pageBytes) {
        pages[index] = part;
      } else {
        const page = Buffer.allocUnsafe(pageBytes);
        (pages[index] ?? zeroPage).copy(page);
        part.copy(page, from);
        pages[index] = page;
      }
      at += part.length;
    }
    return new Pages(pages, length);
  }

  /** Cut, or grown by zeros. */
  resized(length: number): Pages {
    if (length >= this.length) return new Pages(this.#withPagesFor(length), length);
    const pages = this.#pages.slice(0, Math.ceil(length / pageBytes));
    const kept = length % pageBytes;
    const last = pages.at(-1);
    if (kept > 0 && last !== undefined) {
      const page = Buffer.alloc(pageBytes);
      last.copy(page, 0, 0, kept);
      pages[pages.length - 1] = page;
    }
    return new Pages(pages, length);
  }

  /** Fills `into` from `position`; returns with how many bytes. */
  read(into: Buffer, position: number): number {
    const end = Math.min(this.length, position + into.length);
    for (let at = position; at < end;) {
      const index = Math.floor(at / pageBytes);
      const from = at - index * pageBytes;
      const to = Math.min(pageBytes, end - index * pageBytes);
      (this.#pages[index] ?? zeroPage).copy(into, at - position, from, to);
      at += to - from;
    }
    return Math.max(0, end - position);
  }

  toBuffer(): Buffer {
    const bytes = Buffer.allocUnsafeSlow(this.length);
    this.read(bytes, 0);
    return bytes;
  }

  #withPagesFor(length: number): Buffer[] {
    const pages = this.#pages.slice();
    while (pages.length * pageBytes < length) pages.push(zeroPage);
    return pages;
  }
}
