import { untilAborted } from "./until-aborted.ts";

/** What can be written. A stream is read once, from where it stands, and let go of however the write ends. */
export type Content = Uint8Array | Blob | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** The caller's bytes on their way to a driver. Remembers its own failure, so that no backend is blamed for it. */
export class Source implements AsyncIterable<Uint8Array> {
  readonly #content: AsyncIterable<Uint8Array>;
  readonly #signal: AbortSignal | undefined;
  #iterator: AsyncIterator<unknown> | undefined;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(content: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
    this.#content = content;
    this.#signal = signal;
  }

  /** What the caller's own source failed with. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: async () => {
        await this.end();
        return { done: true, value: undefined };
      },
    };
  }

  /** Lets go of what was not read. Never rejects, and waits for no source that hangs. */
  end(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#isOver = true;
    const ending =
      this.#iterator === undefined ? discard(this.#content) : this.#iterator.return?.();
    Promise.resolve(ending).catch(ignore);
    return Promise.resolve();
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#isOver) return { done: true, value: undefined };
    const step = await untilAborted(this.#step(), this.#signal);
    if (step.done === true) this.#isOver = true;
    return step;
  }

  async #step(): Promise<IteratorResult<Uint8Array>> {
    try {
      this.#iterator ??= this.#content[Symbol.asyncIterator]();
      const { done, value } = await this.#iterator.next();
      if (done === true) return { done, value: undefined };
      if (value instanceof Uint8Array) return { done: false, value };
      throw new TypeError(`a source gave a ${typeof value} where bytes belong`);
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }
}

/** The stream that content is, or undefined for bytes. Throws a `TypeError` for what cannot be written. */
export function streamOf(content: Content): AsyncIterable<Uint8Array> | undefined {
  if (content instanceof Uint8Array) return undefined;
  if (content instanceof Blob) return content.stream();
  if (typeof content === "object" && content !== null && Symbol.asyncIterator in content) {
    return content;
  }
  throw new TypeError("what is written must be bytes, a Blob or a stream of bytes");
}

/** Ends a stream that nobody began to read. */
function discard(content: AsyncIterable<unknown>): unknown {
  if (content instanceof ReadableStream) return content.cancel();
  if ("destroy" in content && typeof content.destroy === "function") return content.destroy();
  return content[Symbol.asyncIterator]().return?.();
}

function ignore(): void {}
