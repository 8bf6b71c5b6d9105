import { s3Error } from "@holdfast/protocol";
import type { BlobStore } from "./blobs/blob-store.ts";
import { garbageKey, metaKey } from "./index/keys.ts";
import type { IndexRepair } from "./index-repair.ts";
import type { OrderedStore } from "./index/ordered-store.ts";
import { encodeRecord } from "./index/records.ts";
import { storeView } from "./index/view.ts";
import { Transaction } from "./commit/transaction.ts";
import type { CommitLog } from "./log/commit-log.ts";

/** The number of the first directory that may hold a blob which no record names. */
export const lowWaterKey = metaKey("low-water");

interface Checkpoint {
  readonly store: OrderedStore;
  readonly log: CommitLog;
  readonly blobs: BlobStore;
  readonly takeOver: IndexRepair["takeOver"];
}

/**
 * Brings the index to stable storage, after which the log before it is not needed. Not while a
 * commit is under way. After a rejection that left the volume writable it may be tried again.
 */
export async function checkpoint({ store, log, blobs, takeOver }: Checkpoint): Promise<void> {
  const transaction = new Transaction(storeView(store), log.nextSequence);
  for (const blob of await blobs.takeUnlinked()) transaction.delete(garbageKey(blob));
  transaction.put(lowWaterKey, encodeRecord(blobs.lowWater));
  await log.rotate();
  const changes = [...transaction.changes];
  await log.append(changes);
  try {
    await store.apply(changes);
    await store.flush();
  } catch (cause) {
    await takeOver(changes, cause);
    throw s3Error("ServiceUnavailable", undefined, { reason: "checkpoint_refused", cause });
  }
  await log.dropOlder();
}
