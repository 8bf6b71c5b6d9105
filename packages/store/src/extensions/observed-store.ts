import type { FileStream } from "../kernel/file-stream.ts";
import type { ReadOptions } from "../kernel/reads.ts";
import type { FileInfo, Folder } from "../kernel/results.ts";
import { LayeredStore, type Carry, type Listing } from "./layered-store.ts";
import { layeredStream } from "./layered-stream.ts";
import { Observation, type StoreHook } from "./observation.ts";
import type { StoreCall } from "./store-call.ts";
import type { FileReader, FileWriter, StoreLike } from "./store-like.ts";

/**
 * A store that tells a hook of each call when it begins and when it ends, of a stream and of a listing when that ends.
 * The first failure of a hook is a warning of the process, and none changes a call.
 */
export function observed(store: StoreLike, hook: StoreHook): StoreLike {
  return new ObservedStore(store, store.resolve("").backend, hook);
}

class ObservedStore extends LayeredStore {
  readonly #backend: string;
  readonly #hook: StoreHook;

  constructor(inner: StoreLike, backend: string, hook: StoreHook) {
    super(inner);
    this.#backend = backend;
    this.#hook = hook;
  }

  protected async call<T>(call: StoreCall, carry: Carry<T>): Promise<T> {
    const seen = this.#begin(call);
    const value = await seen.orFailed(carry(call.signal));
    seen.count({ bytes: bytesOf(value) });
    seen.end();
    return value;
  }

  protected async opened(call: StoreCall, options: ReadOptions): Promise<FileStream> {
    const seen = this.#begin(call);
    const stream = await seen.orFailed(this.inner.read(call.path, options));
    return layeredStream(stream.info, seen.bytesOf(stream), { ...call, backend: this.#backend });
  }

  protected async reader(call: StoreCall, open: () => Promise<FileReader>): Promise<FileReader> {
    const seen = this.#begin(call);
    const reader = await seen.orFailed(open());
    let bytes = 0;
    async function close(): Promise<void> {
      await reader.close();
      seen.count({ bytes });
      seen.end();
    }
    return {
      info: reader.info,
      read: async (offset, length) => {
        const piece = await seen.orFailed(reader.read(offset, length));
        bytes += piece.byteLength;
        return piece;
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  protected async *listed<T extends FileInfo | Folder>(
    call: StoreCall,
    list: () => Listing<T>,
  ): Listing<T> {
    const seen = this.#begin(call);
    let entries = 0;
    try {
      for await (const entry of list()) {
        entries += 1;
        yield entry;
      }
    } catch (error) {
      seen.count({ entries });
      seen.fail(error);
      throw error;
    } finally {
      seen.count({ entries });
      seen.end();
    }
  }

  protected async writer(call: StoreCall, open: () => Promise<FileWriter>): Promise<FileWriter> {
    const seen = this.#begin(call);
    const writer = await seen.orFailed(open());
    let bytes = 0;
    return {
      write: async (piece) => {
        await seen.orFailed(writer.write(piece));
        bytes += piece.byteLength;
      },
      commit: async () => {
        const result = await seen.orFailed(writer.commit());
        seen.count({ bytes: result.size });
        seen.end();
        return result;
      },
      abort: () => abandon(),
      [Symbol.asyncDispose]: () => abandon(),
    };

    async function abandon(): Promise<void> {
      await seen.orFailed(writer.abort());
      seen.count({ bytes });
      seen.end();
    }
  }

  protected around(inner: StoreLike): StoreLike {
    return new ObservedStore(inner, this.#backend, this.#hook);
  }

  #begin({ operation, path, to }: StoreCall): Observation {
    const of = { operation, backend: this.#backend, path, ...(to !== undefined && { to }) };
    return new Observation(this.#hook, of);
  }
}

/** What a result says of how many bytes went. */
function bytesOf(value: unknown): number | undefined {
  if (value instanceof Uint8Array) return value.byteLength;
  // Of what is called by promise, only a write's result has a size and no kind.
  if (typeof value !== "object" || value === null || !("size" in value) || "kind" in value) {
    return undefined;
  }
  return typeof value.size === "number" ? value.size : undefined;
}
