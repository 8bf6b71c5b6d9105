import type { EngineParts } from "../engine-parts.ts";
import { after, metaKey, nameAt, partsRange, uploadsRange } from "../index/keys.ts";
import { decodeNumber, decodePart, decodeUpload, encodeRecord } from "../index/records.ts";
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

const dayMs = 24 * 60 * 60 * 1000;

/** When uploads were last looked at, and since when they have been without longer breaks. */
const seenKey = metaKey("uploads-seen");
const watchedKey = metaKey("uploads-watched");

/**
 * Aborts uploads that nobody goes on with, and gives their space back; resolves with how many. Idle
 * is what they were between looks that are not far apart: behind a clock that jumped while nobody
 * looked, or a long rest, which look the same, all of them have their time once more.
 */
export async function abortStaleUploads(
  { view, committer, clock, volume }: EngineParts,
  { idleMs, signal }: StaleUploads,
): Promise<number> {
  volume.assertWritable();
  const now = clock.now();
  const before = now - idleMs;
  const breakMsMax = Math.max(dayMs, idleMs / 2);
  const watched = await committer.commit((transaction) =>
    watchedSince(transaction, { now, breakMsMax }),
  );
  if (watched >= before) return 0;
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

interface Look {
  readonly now: number;
  readonly breakMsMax: number;
}

/** Writes down that uploads are looked at now; since when that was done without a longer break. */
function watchedSince(transaction: Transaction, { now, breakMsMax }: Look): number {
  const number = (key: Buffer): number | undefined => {
    const bytes = transaction.get(key);
    return bytes === undefined ? undefined : decodeNumber(bytes);
  };
  const seen = number(seenKey);
  const missed = seen === undefined || now - seen > breakMsMax;
  // A clock that went back makes what it said ahead meaningless.
  const watched = missed ? now : Math.min(number(watchedKey) ?? now, now);
  transaction.put(seenKey, encodeRecord(now));
  transaction.put(watchedKey, encodeRecord(watched));
  return watched;
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
