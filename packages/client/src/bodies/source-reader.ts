import { createReadStream } from "node:fs";
import { noteRead, readBefore, wasRead } from "./read-before.ts";
import { wholeNumber } from "./whole-number.ts";

/** Bytes that are read as they are sent. A Node stream and a web stream are such. */
export type ByteSource = AsyncIterable<Uint8Array | string>;

/** What gives bytes once, in order. */
export type OnceSource = ByteSource | ReadableStream<Uint8Array>;

/** Makes a source anew each time it is called. */
export type SourceFactory = () => OnceSource | Promise<OnceSource>;

/** Where bytes come from: nothing is opened before the first of them is asked for. */
export interface Origin {
  next(): Promise<IteratorResult<unknown, unknown>>;
  /** Lets go of it, also while a `next` is under way. */
  end(): unknown;
}

type Step = IteratorResult<Uint8Array, undefined>;

const finished: Step = { done: true, value: undefined };

/**
 * Reads a source once. Of a source whose length was announced it gives exactly that, or rejects; its last piece only
 * once the source has ended, so that nobody takes the beginning of a longer one for the whole.
 */
export class SourceReader implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #origin: Origin;
  readonly #length: number | undefined;
  #given = 0;
  #ended = false;

  /** `length` is in bytes. Throws `InvalidRequest` where it is not the length of anything. */
  constructor(origin: Origin, length: number | undefined) {
    this.#origin = origin;
    this.#length = length === undefined ? undefined : wholeNumber("contentLength", length);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Step> {
    if (this.#ended) return finished;
    try {
      return await this.#piece();
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  /** Lets go of the source; a `next` under way resolves or rejects as the source has it, or never. */
  return(): Promise<Step> {
    if (!this.#ended) {
      this.#ended = true;
      endOrigin(this.#origin);
    }
    return Promise.resolve(finished);
  }

  async #piece(): Promise<Step> {
    const { done, value } = await this.#origin.next();
    if (this.#ended) return finished;
    if (done === true) return this.#finish();
    const piece = bytesOf(value);
    this.#given += piece.byteLength;
    if (this.#length === undefined || this.#given < this.#length) {
      return { done: false, value: piece };
    }
    if (this.#given > this.#length) throw this.#wrongLength();
    return this.#last(piece);
  }

  async #last(piece: Uint8Array): Promise<Step> {
    // A source may use its memory again for what follows.
    const value = Uint8Array.from(piece);
    for (;;) {
      const following = await this.#origin.next();
      if (following.done === true || this.#ended) break;
      if (bytesOf(following.value).byteLength > 0) throw this.#wrongLength();
    }
    this.#ended = true;
    return { done: false, value };
  }

  #finish(): Step {
    this.#ended = true;
    if (this.#length !== undefined && this.#given !== this.#length) throw this.#wrongLength();
    return finished;
  }

  #wrongLength(): RangeError {
    return new RangeError(
      `the source gave ${this.#given} bytes or more where ${this.#length} were announced`,
    );
  }
}

/** Never rejects, whatever the source makes of it. */
export function endOrigin(origin: Origin): void {
  void Promise.resolve()
    .then(() => origin.end())
    .catch(ignore);
}

/** A source that is there already. One of which nothing is left since somebody read it fails, and is not taken for empty. */
export function originOf(source: OnceSource): Origin {
  const origin = originOfAny(source);
  let isRead = wasRead(source);
  return {
    async next() {
      const step = await origin.next();
      if (isRead && step.done === true) throw readBefore();
      isRead = false;
      return step;
    },
    end: () => origin.end(),
  };
}

function originOfAny(source: OnceSource): Origin {
  if (source instanceof ReadableStream) return originOfWeb(source);
  if (isNodeStream(source)) {
    // Before anybody reads it, a failure would be one that nobody hears, and end the process.
    source.on("error", ignore);
    return originOfIterable(source, () => source.destroy());
  }
  return originOfIterable(source);
}

/** A file, of which no byte beyond `length` is read, should it grow meanwhile. */
export function originOfFile(path: string, length: number): Origin {
  if (length === 0) return { next: () => Promise.resolve(finished), end: ignore };
  return originOfFactory(() => createReadStream(path, { end: length - 1, highWaterMark: 2 ** 18 }));
}

/** What a function makes once it is needed. */
export function originOfFactory(make: SourceFactory): Origin {
  let made: Promise<Origin> | undefined;
  return {
    async next() {
      made ??= Promise.resolve().then(make).then(originOf);
      return (await made).next();
    },
    async end() {
      await (await made)?.end();
    },
  };
}

function originOfIterable(source: ByteSource, destroy?: () => unknown): Origin {
  let iterator: AsyncIterator<Uint8Array | string> | undefined;
  const begun = (): AsyncIterator<Uint8Array | string> => {
    iterator ??= source[Symbol.asyncIterator]();
    noteRead(source, iterator);
    return iterator;
  };
  return {
    next: async () => begun().next(),
    end: destroy ?? (() => begun().return?.()),
  };
}

function originOfWeb(stream: ReadableStream<Uint8Array>): Origin {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return {
    async next() {
      reader ??= stream.getReader();
      const step = await reader.read();
      if (step.done) reader.releaseLock();
      return step;
    },
    async end() {
      await (reader ?? stream).cancel();
      reader?.releaseLock();
    },
  };
}

interface NodeStream extends ByteSource {
  on(event: "error", listener: () => void): unknown;
  destroy(): unknown;
}

function isNodeStream(source: ByteSource): source is NodeStream {
  if (!("on" in source && "destroy" in source)) return false;
  return typeof source.on === "function" && typeof source.destroy === "function";
}

function bytesOf(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  if (typeof piece === "string") return Buffer.from(piece);
  throw new TypeError(`a source gave a ${typeof piece} where bytes or text belong`);
}

function ignore(): void {}
