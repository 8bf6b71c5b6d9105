import type { EngineParts } from "../engine-parts.ts";
import { after, nameAt, partsRange, uploadsRange } from "../index/keys.ts";
import { decodePart, decodeUpload } from "../index/records.ts";
import type { View } from "../index/view.ts";
import type { Transaction } from "../commit/transaction.ts";
import type { UploadRef } from "../api.ts";
import { findUpload, removeUpload } from "./upload-records.ts";

export interface StaleUploads {
  /** Uploads without a part for so long are aborted. */
  readonly idleMs: number;
  readonly signal?: AbortSignal;
}

/** Keys that are kept in memory at a time. */
const uploadsAtOnce = 256;

/** Aborts uploads that nobody goes on with, and gives their space back; resolves with how many. */
export async function abortStaleUploads(
  { view, committer, clock, volume }: EngineParts,
  { idleMs, signal }: StaleUploads,
): Promise<number> {
  volume.assertWritable();
  const before = clock.now() - idleMs;
  let aborted = 0;
  for (let { start } = uploadsRange; ;) {
    const keys = await begunBefore(view, { start, before });
    for (const key of keys) {
      signal?.throwIfAborted();
      const ref = uploadOf(key);
      const gone = await committer.commit(async (transaction) => {
        const stale = await isStale(transaction, ref, before);
        if (stale) await removeUpload(transaction, ref);
        return stale;
      });
      if (gone) aborted += 1;
    }
    const last = keys.at(-1);
    if (last === undefined) return aborted;
    start = after(last);
  }
}

/**
 * The first uploads from `start` on that were begun before then; none when there are no more. No walk
 * may stay open over a commit: an index that is to be opened anew waits for walks, and commits for it.
 */
async function begunBefore(
  view: View,
  { start, before }: { readonly start: Buffer; readonly before: number },
): Promise<readonly Buffer[]> {
  const keys: Buffer[] = [];
  for await (const [key, value] of view.range({ start, end: uploadsRange.end })) {
    if (decodeUpload(value).createdAt < before) keys.push(key);
    if (keys.length === uploadsAtOnce) break;
  }
  return keys;
}

async function isStale(transaction: Transaction, ref: UploadRef, before: number): Promise<boolean> {
  if (findUpload(transaction, ref) === undefined) return false;
  for await (const [, value] of transaction.range(partsRange(ref.uploadId))) {
    if (decodePart(value).lastModified >= before) return false;
  }
  return true;
}

function uploadOf(indexKey: Buffer): UploadRef {
  const { name: bucket, next } = nameAt(indexKey, 1);
  const { name: key, next: last } = nameAt(indexKey, next);
  return { bucket, key, uploadId: indexKey.toString("utf8", last) };
}
