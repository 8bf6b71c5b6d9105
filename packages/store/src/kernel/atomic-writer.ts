import { Pipe } from "./pipe.ts";
import type { WriteResult } from "./results.ts";

/** A file that is written piece by piece and is there, whole, once it is committed. Without that the target stays as it was. */
export class AtomicWriter implements AsyncDisposable {
  readonly #pipe: Pipe;
  readonly #stored: Promise<WriteResult>;

  /** `store` begins the write of all that the writer is given. */
  constructor(store: (pieces: AsyncIterable<Uint8Array>) => Promise<WriteResult>) {
    this.#pipe = new Pipe();
    this.#stored = store(this.#pipe);
    this.#stored.then(
      () => this.#pipe.end(),
      (error: unknown) => this.#pipe.break(error),
    );
  }

  /** Adds bytes; resolves once the backend takes more. Rejects with what the write failed with. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#pipe.write(bytes);
  }

  /** Makes the file. */
  commit(): Promise<WriteResult> {
    this.#pipe.end();
    return this.#stored;
  }

  /** Takes everything back; resolves once nothing is left. After a commit it does nothing. */
  async abort(): Promise<void> {
    this.#pipe.abort();
    await this.#stored.catch(ignore);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }
}

function ignore(): void {}
