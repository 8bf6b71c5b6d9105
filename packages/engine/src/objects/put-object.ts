import type { ObjectInfo, PutObject } from "../api.ts";
import type { Transaction } from "../commit/transaction.ts";
import type { EngineParts } from "../engine-parts.ts";
import { payloadKey } from "../index/keys.ts";
import type { BodyRef, ObjectRecord } from "../index/records.ts";
import { objectInfo } from "./object-info.ts";
import { findObject, nextModified, replaceObject, requireBucket } from "./object-records.ts";
import { receiveBody, type Received } from "./receive-body.ts";

/** Bodies up to this size live in the index, where they share the commit's sync. */
const inlineBytesMax = 16 * 1024;

/** Stores an object: visible and durable when it resolves, or nothing of it. */
export async function putObject(parts: EngineParts, input: PutObject): Promise<ObjectInfo> {
  const { volume, view, committer, clock } = parts;
  volume.assertWritable();
  // Before the first byte is asked for: who waits for 100-continue never sends the rest.
  requireBucket(view, input.bucket);
  const { body, size, checksumAlgorithm, admit, signal } = input;
  const intake = { body, size, checksumAlgorithm, inlineBytesMax, admit, signal };
  const received = await receiveBody(parts, intake);
  return keepingBlob(parts, received, () =>
    committer.commit((transaction) => {
      input.signal?.throwIfAborted();
      requireBucket(transaction, input.bucket);
      const current = findObject(transaction, input);
      input.precondition?.(current && objectInfo(input, current));
      const record: ObjectRecord = {
        size: received.size,
        etag: received.md5,
        lastModified: nextModified(clock.now(), current),
        metadata: input.metadata,
        checksum: received.checksum,
        body: storeBody(transaction, received),
      };
      replaceObject(transaction, input, { current, record });
      return objectInfo(input, record);
    }),
  );
}

/** Commits what names a received blob, and unlinks the blob when the commit is refused. */
export async function keepingBlob<T>(
  { blobs }: EngineParts,
  { stored }: Received,
  commit: () => Promise<T>,
): Promise<T> {
  try {
    const result = await commit();
    if ("blob" in stored) blobs.adopted(stored.blob);
    return result;
  } catch (error) {
    if ("blob" in stored) await blobs.discard(stored.blob);
    throw error;
  }
}

function storeBody(transaction: Transaction, { size, stored }: Received): BodyRef {
  if ("blob" in stored) {
    transaction.reference(stored.blob);
    return { in: "blob", blob: stored.blob };
  }
  if (size === 0) return { in: "nothing" };
  const payload = transaction.nextPayload();
  transaction.put(payloadKey(payload), stored.bytes);
  return { in: "index", payload };
}
