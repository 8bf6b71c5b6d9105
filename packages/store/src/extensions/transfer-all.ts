import type { FileInfo, WriteResult } from "../kernel/results.ts";
import { batch, type BatchOptions, type Outcomes } from "./batch.ts";
import { innerFiles } from "./inner-files.ts";
import { sourceFailed } from "./reading.ts";
import type { StoreLike } from "./store-like.ts";
import { Transfers, type TransferOptions } from "./transfer.ts";

/** How to transfer files, and how many at once. */
export interface TransferAllOptions extends BatchOptions, TransferOptions {}

/**
 * Copies all files of a store, which may be a child, to another: an outcome for each file, in the order of the listing.
 * A destination that is a folder of the source is no part of it.
 * A source whose listing fails is thrown as `SourceFailed`, after the outcomes of the files that it named.
 */
export function transferAll(
  from: StoreLike,
  to: StoreLike,
  options: TransferAllOptions = {},
): Outcomes<FileInfo, WriteResult> {
  const transfers = new Transfers(options);
  return batch(to, options).each(sourceFiles({ from, to }, options.signal), ({ path }, signal) =>
    transfers.carry({ store: from, path }, { store: to, path }, { signal }),
  );
}

/** All files of a store, but for those of a destination within it; what the listing fails with is the source's. */
export async function* sourceFiles(
  { from, to }: { readonly from: StoreLike; readonly to: StoreLike },
  signal: AbortSignal | undefined,
): AsyncGenerator<FileInfo, void, undefined> {
  const isOfDestination = innerFiles(from, to);
  try {
    for await (const file of from.listFiles("", { recursive: true, signal })) {
      if (!isOfDestination(file.path)) yield file;
    }
  } catch (error) {
    throw signal?.aborted === true ? error : sourceFailed(error);
  }
}
