import { s3Error } from "@holdfast/protocol";
import type { UploadInfo, UploadRef } from "../api.ts";
import type { Transaction } from "../commit/transaction.ts";
import { partsRange, uploadKey } from "../index/keys.ts";
import { decodePart, decodeUpload, type UploadRecord } from "../index/records.ts";
import type { View } from "../index/view.ts";
import { requireBucket } from "../objects/object-records.ts";

export function findUpload(
  view: View,
  { bucket, key, uploadId }: UploadRef,
): UploadRecord | undefined {
  const bytes = view.get(uploadKey(bucket, key, uploadId));
  return bytes === undefined ? undefined : decodeUpload(bytes);
}

/** The upload, or `NoSuchBucket` or `NoSuchUpload`. */
export function requireUpload(view: View, ref: UploadRef): UploadRecord {
  const record = findUpload(view, ref);
  if (record !== undefined) return record;
  requireBucket(view, ref.bucket);
  throw s3Error("NoSuchUpload", { UploadId: ref.uploadId });
}

/** What a caller is told of an upload. */
export function uploadInfo({ bucket, key, uploadId }: UploadRef, record: UploadRecord): UploadInfo {
  const { createdAt, checksumAlgorithm, checksumType } = record;
  return {
    bucket,
    key,
    uploadId,
    createdAt,
    ...(checksumAlgorithm === undefined ? {} : { checksumAlgorithm }),
    ...(checksumType === undefined ? {} : { checksumType }),
  };
}

/** Takes an upload and all of its parts away; their blobs are let go. */
export async function removeUpload(transaction: Transaction, ref: UploadRef): Promise<void> {
  for await (const [key, value] of transaction.range(partsRange(ref.uploadId))) {
    transaction.delete(key);
    transaction.release(decodePart(value).blob);
  }
  transaction.delete(uploadKey(ref.bucket, ref.key, ref.uploadId));
}
