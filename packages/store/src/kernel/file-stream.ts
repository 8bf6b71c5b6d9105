import { Readable } from "node:stream";
import type { FileInfo } from "./results.ts";
import { untilAborted } from "./until-aborted.ts";

/** What a stream needs to fail as its store does. */
interface FileStreamOptions {
  readonly info: FileInfo;
  readonly signal: AbortSignal | undefined;
  readonly toError: (error: unknown) => Error;
}

/** A file's bytes on their way. Whoever has one reads it to its end, or disposes of it. */
export class FileStream implements AsyncIterable<Uint8Array>, AsyncDisposable {
  /** What the read's own answer says of the file. */
  readonly info: FileInfo;
  readonly #options: FileStreamOptions;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #isTaken = false;

  constructor(body: AsyncIterable<Uint8Array>, options: FileStreamOptions) {
    this.info = options.info;
    this.#options = options;
    this.#pieces = body[Symbol.asyncIterator]();
  }

  /** All of it. */
  async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this) pieces.push(piece);
    const [only] = pieces;
    return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
  }

  /** A Node stream; destroying it ends the read. */
  node(): Readable {
    return Readable.from(this, { objectMode: false });
  }

  /** A web stream; cancelling it ends the read. */
  web(): ReadableStream<Uint8Array> {
    return ReadableStream.from<Uint8Array>(this);
  }

  /** Ends the read; what was not read is not fetched. A second time does nothing. */
  async dispose(): Promise<void> {
    this.#isTaken = true;
    await this.#end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#isTaken) throw new TypeError("the file's bytes were read or disposed of before");
    this.#isTaken = true;
    return {
      next: () => this.#next(),
      return: async () => {
        await this.#end();
        return { done: true, value: undefined };
      },
    };
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await untilAborted(this.#pieces.next(), this.#options.signal);
    } catch (error) {
      // Whoever iterates does not end an iterator that failed.
      void this.#end();
      throw this.#options.toError(error);
    }
  }

  /** Letting go of a backend never fails the caller. */
  async #end(): Promise<void> {
    try {
      await this.#pieces.return?.();
    } catch {
      // What was wanted of it is here already, or has failed with a better reason.
    }
  }
}
