import { toStoreError } from "../errors/to-store-error.ts";
import { PreconditionFailed } from "../errors/added-classes.ts";
import type { FileStream } from "../kernel/file-stream.ts";
import type { ReadOptions } from "../kernel/reads.ts";
import type { FileInfo } from "../kernel/results.ts";
import { abortable } from "./abortable.ts";
import { retryCall, type Retries } from "./retry-call.ts";
import type { StoreCall } from "./store-call.ts";
import type { StoreLike } from "./store-like.ts";

/** What is read, and how it is tried again. */
interface ReadSpec {
  readonly call: StoreCall;
  readonly options: ReadOptions;
  readonly retries: Retries;
}

/** The bytes of a read that goes on where it broke off, as long as the file is the one that it began with. */
export class ResumedRead implements AsyncIterable<Uint8Array> {
  readonly #store: StoreLike;
  readonly #spec: ReadSpec;
  #info: FileInfo | undefined;
  #pieces: AsyncIterator<Uint8Array> | undefined;
  #delivered = 0;

  constructor(store: StoreLike, spec: ReadSpec) {
    this.#store = store;
    this.#spec = spec;
  }

  /** Opens the file, and gives what its first answer says of it. */
  async open(): Promise<FileInfo> {
    const { retries, call, options } = this.#spec;
    const stream = await retryCall(retries, call, ({ signal }) => this.#read(options, signal));
    this.#info = stream.info;
    return stream.info;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: async () => {
        await this.#pieces?.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#step();
    } catch (error) {
      return this.#resumed(error);
    }
  }

  async #step(): Promise<IteratorResult<Uint8Array>> {
    const step = await this.#pieces?.next();
    if (step === undefined || step.done === true) return { done: true, value: undefined };
    this.#delivered += step.value.byteLength;
    return step;
  }

  /** The next piece, by as many new reads as it takes. The failure that is here already counts as the first try. */
  #resumed(failure: unknown): Promise<IteratorResult<Uint8Array>> {
    const { retries, call } = this.#spec;
    return retryCall(retries, call, async ({ attempt, signal }) => {
      if (attempt === 1) throw failure;
      const { length, etag } = this.#rest(failure);
      if (length === 0) return { done: true, value: undefined };
      const { offset = 0 } = this.#spec.options;
      await this.#read({ offset: offset + this.#delivered, length, ifMatch: etag }, signal).catch(
        (error: unknown) => this.#refuse(error),
      );
      return this.#step();
    });
  }

  /** What is missing, and of which file. Without an etag nothing says that a second read is of the same. */
  #rest(failure: unknown): { readonly length: number | undefined; readonly etag: string } {
    const etag = this.#info?.etag;
    if (etag === undefined) throw failure;
    const { length } = this.#spec.options;
    return { length: length === undefined ? undefined : length - this.#delivered, etag };
  }

  #refuse(error: unknown): never {
    if (!PreconditionFailed.is(error)) throw error;
    const { operation, path } = this.#spec.call;
    const { backend } = this.#spec.retries;
    throw toStoreError({ kind: "modified", cause: error }, { operation, backend, path });
  }

  /** Opens a stream, which only the caller's signal ends; the opening ends with the tries as well. */
  async #read(options: ReadOptions, tries: AbortSignal): Promise<FileStream> {
    const { call, retries } = this.#spec;
    const { path, signal } = call;
    const opening = this.#store.read(path, { ...options, signal });
    try {
      const stream = await abortable(opening, tries, { ...call, backend: retries.backend });
      this.#pieces = stream[Symbol.asyncIterator]();
      return stream;
    } catch (error) {
      // It may open yet.
      void opening.then((stream) => stream.dispose()).catch(ignore);
      throw error;
    }
  }
}

function ignore(): void {}
