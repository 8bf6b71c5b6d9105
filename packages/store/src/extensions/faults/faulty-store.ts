import { toStoreError } from "../../errors/to-store-error.ts";
import type { FailureKind } from "../../errors/driver-failure.ts";
import type { FileStream } from "../../kernel/file-stream.ts";
import type { ReadOptions } from "../../kernel/reads.ts";
import type { FileInfo, Folder } from "../../kernel/results.ts";
import { LayeredStore, type Carry, type Listing } from "../layered-store.ts";
import { layeredStream } from "../layered-stream.ts";
import type { StoreCall } from "../store-call.ts";
import type { FileReader, FileWriter, StoreLike } from "../store-like.ts";

/** How one call fails. */
export interface Fault {
  readonly kind: FailureKind;
  /** `before`: it did not happen. `after`: it happened, and nobody was told. A number: after so many bytes or entries. */
  readonly at: number | "after" | "before";
  /** In seconds. */
  readonly retryAfter?: number | undefined;
}

/** Says of each call whether it fails, and how. */
export type FaultPlan = (call: StoreCall) => Fault | undefined;

/** A store whose calls fail as planned, for tests. */
export function faulty(store: StoreLike, plan: FaultPlan): StoreLike {
  return new FaultyStore(store, plan);
}

class FaultyStore extends LayeredStore {
  readonly #plan: FaultPlan;

  constructor(inner: StoreLike, plan: FaultPlan) {
    super(inner);
    this.#plan = plan;
  }

  protected async call<T>(call: StoreCall, carry: Carry<T>): Promise<T> {
    const fault = this.#plan(call);
    if (fault?.at === "before") throw failed(call, fault);
    const value = await carry(call.signal);
    if (fault !== undefined) throw failed(call, fault);
    return value;
  }

  protected async opened(call: StoreCall, options: ReadOptions): Promise<FileStream> {
    const fault = this.#plan(call);
    if (fault?.at === "before") throw failed(call, fault);
    const stream = await this.inner.read(call.path, options);
    const bytes = fault === undefined ? stream : breaking(stream, call, fault);
    return layeredStream(stream.info, bytes, { ...call, backend: "faulty" });
  }

  protected async reader(call: StoreCall, open: () => Promise<FileReader>): Promise<FileReader> {
    const reader = await this.call(call, open);
    return {
      info: reader.info,
      read: (offset, length) => this.call(call, () => reader.read(offset, length)),
      close: () => reader.close(),
      [Symbol.asyncDispose]: () => reader.close(),
    };
  }

  protected async *listed<T extends FileInfo | Folder>(
    call: StoreCall,
    list: () => Listing<T>,
  ): Listing<T> {
    const fault = this.#plan(call);
    if (fault?.at === "before") throw failed(call, fault);
    let left = typeof fault?.at === "number" ? fault.at : Infinity;
    for await (const entry of list()) {
      if (left === 0 && fault !== undefined) throw failed(call, fault);
      left -= 1;
      yield entry;
    }
    if (fault !== undefined) throw failed(call, fault);
  }

  protected async writer(call: StoreCall, open: () => Promise<FileWriter>): Promise<FileWriter> {
    const fault = this.#plan(call);
    if (fault !== undefined) throw failed(call, fault);
    return open();
  }

  protected around(inner: StoreLike): StoreLike {
    return new FaultyStore(inner, this.#plan);
  }
}

async function* breaking(
  stream: FileStream,
  call: StoreCall,
  fault: Fault,
): AsyncGenerator<Uint8Array> {
  let left = typeof fault.at === "number" ? fault.at : Infinity;
  for await (const piece of stream) {
    if (piece.byteLength >= left) {
      if (left > 0) yield piece.subarray(0, left);
      throw failed(call, fault);
    }
    left -= piece.byteLength;
    yield piece;
  }
  throw failed(call, fault);
}

function failed({ operation, path, changes }: StoreCall, { kind, at, retryAfter }: Fault): Error {
  const ambiguous = at === "after" && changes !== "nothing";
  return toStoreError({ kind, retryAfter, ambiguous }, { operation, path, backend: "faulty" });
}
