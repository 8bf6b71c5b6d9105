import { ReadOnceBody } from "./read-once-body.ts";

/** A body over any source of bytes. */
export class IteratedBody extends ReadOnceBody {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #release: () => Promise<void>;

  /** `release` lets go of what the bytes come from; it is called however their reading ends. */
  constructor(source: AsyncIterable<Uint8Array>, release: () => Promise<void>) {
    super();
    this.#source = source;
    this.#release = release;
  }

  async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  protected async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const piece of this.#source) yield piece;
    } finally {
      await this.#release();
    }
  }

  protected end(): Promise<void> {
    return this.#release();
  }
}
