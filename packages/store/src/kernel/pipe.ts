type Step = IteratorResult<Uint8Array>;

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Bytes from one who pushes to one who pulls: a piece is in memory until it is asked for the next one. */
export class Pipe implements AsyncIterable<Uint8Array> {
  #piece: Uint8Array | undefined;
  #writer: Waiter<void> | undefined;
  #reader: Waiter<Step> | undefined;
  #isEnded = false;
  /** What the reading side failed with, or ended by. */
  #broken: { readonly error: unknown } | undefined;
  #aborted: Error | undefined;

  /** Resolves when the piece is taken. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(asError(this.#broken.error));
    if (this.#isEnded || this.#writer !== undefined) {
      return Promise.reject(new TypeError("the file was ended, or a write is still under way"));
    }
    if (!(bytes instanceof Uint8Array)) {
      return Promise.reject(new TypeError(`a writer was given a ${typeof bytes} and no bytes`));
    }
    // The caller may use its memory again as soon as this resolves, and the reader may not have done with it.
    this.#piece = Uint8Array.from(bytes);
    return new Promise((resolve, reject) => {
      this.#writer = { resolve, reject };
      this.#hand();
    });
  }

  /** No more is to come. */
  end(): void {
    this.#isEnded = true;
    this.#hand();
  }

  /** What was written is not wanted: the reading side fails, unless it has come to the end. */
  abort(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#aborted = new Error("the file was not committed");
    this.#hand();
  }

  /** Nobody reads on. */
  break(error: unknown): void {
    this.#broken ??= { error };
    this.#writer?.reject(error);
    this.#writer = undefined;
    this.#piece = undefined;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () =>
        new Promise<Step>((resolve, reject) => {
          this.#reader = { resolve, reject };
          this.#hand();
        }),
    };
  }

  #hand(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    if (this.#aborted === undefined && this.#piece === undefined && !this.#isEnded) return;
    this.#reader = undefined;
    if (this.#aborted !== undefined) reader.reject(this.#aborted);
    else if (this.#piece !== undefined) reader.resolve({ done: false, value: this.#piece });
    else reader.resolve({ done: true, value: undefined });
    this.#piece = undefined;
    this.#writer?.resolve();
    this.#writer = undefined;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("the write failed", { cause: error });
}
