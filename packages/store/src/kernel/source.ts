import { endOrigin, originOf, type OnceSource, type Origin } from "@holdfast/client";
import { untilAborted } from "./until-aborted.ts";

/** What can be written. A stream is read once, from where it stands, and let go of however the write ends. */
export type Content = Uint8Array | Blob | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** The caller's bytes on their way to a driver. Remembers its own failure, so that no backend is blamed for it. */
export class Source implements AsyncIterable<Uint8Array> {
  readonly #origin: Origin;
  readonly #signal: AbortSignal | undefined;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(stream: OnceSource, signal: AbortSignal | undefined) {
    this.#origin = originOf(stream);
    this.#signal = signal;
  }

  /** What the caller's own source failed with. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: () => {
        this.end();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  /** Lets go of what was not read, also of what hangs. Never fails. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    endOrigin(this.#origin);
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#isOver) return { done: true, value: undefined };
    const step = await untilAborted(this.#step(), this.#signal);
    if (step.done === true) this.#isOver = true;
    return step;
  }

  async #step(): Promise<IteratorResult<Uint8Array>> {
    try {
      const { done, value } = await this.#origin.next();
      if (done === true) return { done, value: undefined };
      if (value instanceof Uint8Array) return { done: false, value };
      throw new TypeError(`a source gave a ${typeof value} where bytes belong`);
    } catch (error) {
      // A stream that is let go of while it is read may well fail by that.
      if (!this.#isOver) this.#failure ??= { error };
      throw error;
    }
  }
}

/** The stream that content is, or undefined for bytes. Throws a `TypeError` for what cannot be written. */
export function streamOf(content: Content): OnceSource | undefined {
  if (content instanceof Uint8Array) return undefined;
  if (content instanceof Blob) return content.stream();
  if (content instanceof ReadableStream) return content;
  if (typeof content === "object" && content !== null && Symbol.asyncIterator in content) {
    return content;
  }
  throw new TypeError("what is written must be bytes, a Blob or a stream of bytes");
}
