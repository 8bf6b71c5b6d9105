import { Readable } from "node:stream";
import type { AnswerBody } from "./answer-body.ts";

/** What every body that is read once has in common: the forms that its bytes are given in. */
export abstract class ReadOnceBody implements AnswerBody {
  #taken = false;

  abstract bytes(): Promise<Uint8Array>;
  /** The pieces, for the only one who reads them. */
  protected abstract pieces(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Ends the transfer, begun or not. */
  protected abstract end(): Promise<void>;

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
    return ReadableStream.from<Uint8Array>(this);
  }

  dispose(): Promise<void> {
    this.#taken = true;
    return this.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    this.take();
    const pieces = this.pieces();
    return {
      next: () => pieces.next(),
      return: async () => {
        // A generator that was never begun does not reach its own end, and one that waits for a piece waits on.
        await this.end();
        return pieces.return();
      },
    };
  }

  /** Throws for a second reader. */
  protected take(): void {
    if (this.#taken) throw new TypeError("the body was read or disposed of before");
    this.#taken = true;
  }
}
