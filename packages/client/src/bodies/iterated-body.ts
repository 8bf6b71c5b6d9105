import { Readable } from "node:stream";
import type { AnswerBody } from "./answer-body.ts";

/** A body over any source of bytes. */
export class IteratedBody implements AnswerBody {
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #end: () => Promise<void>;
  #taken = false;

  /** `end` releases what the pieces come from; it is called where they are not read to their end. */
  constructor(pieces: AsyncIterable<Uint8Array>, end: () => Promise<void>) {
    this.#pieces = pieces;
    this.#end = end;
  }

  async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  node(): Readable {
    return Readable.from(this, { objectMode: false });
  }

  web(): ReadableStream<Uint8Array> {
    const iterator = this[Symbol.asyncIterator]();
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await iterator.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => {
          await iterator.return?.();
          await this.#end();
        },
      },
      { highWaterMark: 0 },
    );
  }

  async dispose(): Promise<void> {
    this.#taken = true;
    await this.#end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#taken) throw new TypeError("the body was read or disposed of before");
    this.#taken = true;
    return this.#iterate();
  }

  async *#iterate(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const piece of this.#pieces) yield piece;
    } finally {
      await this.#end();
    }
  }
}
