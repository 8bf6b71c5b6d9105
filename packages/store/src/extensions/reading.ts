import type { Hash } from "node:crypto";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import { toStoreError } from "../errors/to-store-error.ts";
import type { FileStream } from "../kernel/file-stream.ts";
import type { FileInfo } from "../kernel/results.ts";

interface ReadingOptions {
  /** The source's. */
  readonly backend: string;
  /** Given all the bytes. */
  readonly hash?: Hash | undefined;
  readonly onPiece: (reading: Reading, piece: Uint8Array) => void;
}

/** A source's bytes on their way to a destination. They fail unless they are as many as the source said. */
export class Reading implements AsyncIterable<Uint8Array> {
  readonly info: FileInfo;
  readonly #stream: FileStream;
  readonly #options: ReadingOptions;
  #bytes = 0;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(stream: FileStream, options: ReadingOptions) {
    this.info = stream.info;
    this.#stream = stream;
    this.#options = options;
  }

  /** So far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of all the bytes, in hexadecimal; asked for once. */
  get digest(): string | undefined {
    return this.#options.hash?.digest("hex");
  }

  /** Who is to blame for what a transfer failed with. */
  blamed(error: unknown, signal: AbortSignal | undefined): unknown {
    if (this.#failure === undefined) return error;
    if (signal?.aborted !== true) return sourceFailed(this.#failure.error);
    if (error !== this.#failure.error) return error;
    const { backend } = this.#options;
    const { path } = this.info;
    const failure = { kind: "aborted", cause: signal.reason } as const;
    return toStoreError(failure, { operation: "transfer", backend, path });
  }

  /** Lets go of the source, read or not. */
  end(): Promise<void> {
    this.#isOver = true;
    return this.#stream.dispose();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const pieces = this.#stream[Symbol.asyncIterator]();
    return {
      next: () => this.#next(pieces),
      return: async () => {
        this.#isOver = true;
        await pieces.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  async #next(pieces: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    try {
      const step = await pieces.next();
      if (step.done === true) this.#requireAll();
      else this.#take(step.value);
      return step;
    } catch (error) {
      // One that is let go of while it is read may well fail by that.
      if (!this.#isOver) this.#failure = { error };
      throw error;
    }
  }

  #take(piece: Uint8Array): void {
    this.#bytes += piece.byteLength;
    this.#options.hash?.update(piece);
    this.#options.onPiece(this, piece);
  }

  #requireAll(): void {
    const { path, size } = this.info;
    if (this.#bytes === size) return;
    const message = `${size} bytes were announced and ${this.#bytes} came.`;
    const { backend } = this.#options;
    throw toStoreError({ kind: "integrity", message }, { operation: "read", backend, path });
  }
}

/** A failure of the source, named as such: its own error is the cause, and says whether trying again can help. */
export function sourceFailed(cause: unknown): RemoteStoreError {
  const {
    path,
    backend = "",
    retryable,
    retryAfter,
  } = RemoteStoreError.is(cause) ? cause : new RemoteStoreError("");
  const failure = { kind: "source-failed", retryable, retryAfter, cause } as const;
  return toStoreError(failure, { operation: "transfer", backend, path });
}
