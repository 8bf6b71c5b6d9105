import { Readable } from "node:stream";
import { isWhole, type OpenedFile, type WholeBody } from "../driver.ts";
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
  readonly #whole: WholeBody | undefined;
  readonly #body: OpenedFile["body"];
  #pieces: AsyncIterator<Uint8Array> | undefined;
  #isTaken = false;

  constructor(body: OpenedFile["body"], options: FileStreamOptions) {
    this.info = options.info;
    this.#options = options;
    this.#body = body;
    this.#whole = isWhole(body) ? body : undefined;
  }

  /** All of it. */
  async bytes(): Promise<Uint8Array> {
    if (this.#whole !== undefined) return this.#bytesOf(this.#whole);
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
    this.#take();
    const pieces = this.#body[Symbol.asyncIterator]();
    this.#pieces = pieces;
    return {
      next: () => this.#next(pieces),
      return: async () => {
        await this.#end();
        return { done: true, value: undefined };
      },
    };
  }

  #take(): void {
    if (this.#isTaken) throw new TypeError("the file's bytes were read or disposed of before");
    this.#isTaken = true;
  }

  async #bytesOf(whole: WholeBody): Promise<Uint8Array> {
    this.#take();
    try {
      return await untilAborted(whole.bytes(), this.#options.signal);
    } catch (error) {
      void this.#end();
      throw this.#options.toError(error);
    }
  }

  async #next(pieces: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    try {
      return await untilAborted(pieces.next(), this.#options.signal);
    } catch (error) {
      // Whoever iterates does not end an iterator that failed.
      void this.#end();
      throw this.#options.toError(error);
    }
  }

  /** Letting go of a backend never fails the caller. */
  async #end(): Promise<void> {
    try {
      if (this.#pieces === undefined && this.#whole !== undefined) await this.#whole.dispose();
      else await (this.#pieces ?? this.#body[Symbol.asyncIterator]()).return?.();
    } catch {
      // What was wanted of it is here already, or has failed with a better reason.
    }
  }
}
