import type { BlobStore } from "./blobs/blob-store.ts";
import { garbageKey, metaKey } from "./index/keys.ts";
import type { IndexRepair } from "./index-repair.ts";
import type { ReopeningStore } from "./index/reopening-store.ts";
import { encodeRecord } from "./index/records.ts";
import { storeView } from "./index/view.ts";
import type { Applier } from "./commit/applier.ts";
import { Transaction } from "./commit/transaction.ts";
import type { CommitLog } from "./log/commit-log.ts";

/** The number of the first directory that may hold a blob which no record names. */
export const lowWaterKey = metaKey("low-water");

interface Checkpoint {
  readonly store: ReopeningStore;
  readonly log: CommitLog;
  readonly blobs: BlobStore;
  readonly applier: Applier;
  readonly takeOver: IndexRepair["takeOver"];
}

/**
 * Brings the index to stable storage, after which the log before it is not needed. Not while a
 * commit is under way. After a rejection that left the volume writable it may be tried again.
 */
export async function checkpoint(parts: Checkpoint): Promise<void> {
  const { store, log, blobs, applier, takeOver } = parts;
  const transaction = new Transaction(storeView(store), log.nextSequence);
  for (const blob of await blobs.takeUnlinked()) transaction.delete(garbageKey(blob));
  transaction.put(lowWaterKey, encodeRecord(blobs.lowWater));
  await log.rotate();
  await log.append(transaction.changes);
  store.hold(transaction);
  // Until the index has a change, and durably, the log alone does.
  await applier.drain();
  try {
    await store.flush();
  } catch (cause) {
    throw await takeOver(cause);
  }
  await log.dropOlder();
}
