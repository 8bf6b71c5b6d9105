import { RetryBudget, type RetryOptions } from "@holdfast/client";
import type { DeleteManyOptions, DeleteOutcome } from "../kernel/deletions.ts";
import type { FileStream } from "../kernel/file-stream.ts";
import type { ReadOptions } from "../kernel/reads.ts";
import type { FileInfo, Folder } from "../kernel/results.ts";
import { abortable } from "./abortable.ts";
import { LayeredStore, type Carry, type Listing } from "./layered-store.ts";
import { layeredStream } from "./layered-stream.ts";
import { relisted } from "./relisted.ts";
import { retriedDeletions } from "./retried-deletions.ts";
import { ResumedRead } from "./resumed-read.ts";
import { retryCall, type Retries } from "./retry-call.ts";
import type { StoreCall } from "./store-call.ts";
import type { FileReader, FileWriter, StoreLike } from "./store-like.ts";

/** How often, how long and after what to try again; as `retry` of the client has it, with one budget for the store. */
export type StoreRetryOptions = Omit<RetryOptions, "idempotent" | "retryable" | "signal">;

/**
 * A store that tries again what is `retryable`, after waits with full jitter and no sooner than the backend asks. It
 * repeats no write whose content can be read only once, and none that may have happened unless twice does no harm.
 * Reads and listings that break off go on where they were.
 */
export function retrying(store: StoreLike, options: StoreRetryOptions = {}): StoreLike {
  const { backend } = store.resolve("");
  return new RetryingStore(store, { backend, options: { budget: new RetryBudget(), ...options } });
}

class RetryingStore extends LayeredStore {
  readonly #retries: Retries;

  constructor(inner: StoreLike, retries: Retries) {
    super(inner);
    this.#retries = retries;
  }

  protected call<T>(call: StoreCall, carry: Carry<T>): Promise<T> {
    if (call.repeats === "never") return carry(call.signal);
    return retryCall(this.#retries, call, ({ signal }) => carry(signal));
  }

  protected async opened(call: StoreCall, options: ReadOptions): Promise<FileStream> {
    const read = new ResumedRead(this.inner, { call, options, retries: this.#retries });
    const { backend } = this.#retries;
    return layeredStream(await read.open(), read, { ...call, backend });
  }

  protected async reader(call: StoreCall, open: () => Promise<FileReader>): Promise<FileReader> {
    const { backend } = this.#retries;
    const again = <T>(work: () => Promise<T>): Promise<T> =>
      retryCall(this.#retries, call, ({ signal }) =>
        abortable(work(), signal, { ...call, backend }),
      );
    const reader = await again(open);
    return {
      info: reader.info,
      read: (offset, length) => again(() => reader.read(offset, length)),
      close: () => reader.close(),
      [Symbol.asyncDispose]: () => reader.close(),
    };
  }

  /** Tries again what of the files is still there and may yet go. */
  override deleteMany(
    paths: Iterable<string>,
    options: DeleteManyOptions = {},
  ): Promise<readonly DeleteOutcome[]> {
    const { signal } = options;
    const call = { operation: "deleteMany", path: "", signal, repeats: "always" } as const;
    return retriedDeletions([...paths], {
      retries: this.#retries,
      call: { ...call, changes: "folders" },
      deleteMany: (rest, tries) => this.inner.deleteMany(rest, { ...options, signal: tries }),
    });
  }

  protected listed<T extends FileInfo | Folder>(
    call: StoreCall,
    list: () => Listing<T>,
  ): Listing<T> {
    return relisted(this.#retries, call, list);
  }

  protected writer(_call: StoreCall, open: () => Promise<FileWriter>): Promise<FileWriter> {
    return open();
  }

  protected around(inner: StoreLike): StoreLike {
    return new RetryingStore(inner, this.#retries);
  }
}
