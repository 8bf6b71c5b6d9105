import type { FileInfo, WriteResult } from "../kernel/results.ts";
import { batch, type BatchOptions, type Outcomes } from "./batch.ts";
import { sourceFailed } from "./reading.ts";
import type { StoreLike } from "./store-like.ts";
import { Transfers, type TransferOptions } from "./transfer.ts";

/** How to transfer files, and how many at once. */
export interface TransferAllOptions extends BatchOptions, TransferOptions {}

/**
 * Copies all files of a store, which may be a child, to another: an outcome for each file, in the order of the listing.
 * A source whose listing fails is thrown as `SourceFailed`, after the outcomes of the files that it named.
 */
export function transferAll(
  from: StoreLike,
  to: StoreLike,
  options: TransferAllOptions = {},
): Outcomes<FileInfo, WriteResult> {
  const transfers = new Transfers(options);
  return batch(to, options).each(sourceFiles(from, options.signal), ({ path }, signal) =>
    transfers.carry({ store: from, path }, { store: to, path }, { signal }),
  );
}

/** All files of a store; what the listing fails with is the source's. */
export async function* sourceFiles(
  store: StoreLike,
  signal: AbortSignal | undefined,
): AsyncGenerator<FileInfo, void, undefined> {
  try {
    yield* store.listFiles("", { recursive: true, signal });
  } catch (error) {
    throw signal?.aborted === true ? error : sourceFailed(error);
  }
}
