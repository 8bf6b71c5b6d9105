import { s3Error } from "@holdfast/protocol";
import type { BucketInfo, Engine } from "./api.ts";
import type { EngineParts } from "./engine-parts.ts";
import {
  after,
  bucketKey,
  bucketsRange,
  nameAt,
  objectPrefix,
  startingWith,
  uploadPrefix,
} from "./index/keys.ts";
import { decodeBucket, encodeRecord } from "./index/records.ts";
import type { View } from "./index/view.ts";
import { removeUpload } from "./multipart/upload-records.ts";
import { requireBucket } from "./objects/object-records.ts";

/** Makes a bucket; `BucketAlreadyOwnedByYou` when it is there. */
export async function createBucket(
  { volume, view, room, committer, clock }: EngineParts,
  name: string,
): Promise<BucketInfo> {
  volume.assertWritable();
  // On a full disk too, a bucket that is there is no reason to refuse for want of room.
  refuseSecond(view, name);
  await room.admit();
  return committer.commit((transaction) => {
    refuseSecond(transaction, name);
    const createdAt = clock.now();
    transaction.put(bucketKey(name), encodeRecord({ createdAt }));
    return { name, createdAt };
  });
}

function refuseSecond(view: View, name: string): void {
  if (view.get(bucketKey(name)) !== undefined) {
    throw s3Error("BucketAlreadyOwnedByYou", { BucketName: name });
  }
}

export function headBucket({ view }: EngineParts, name: string): BucketInfo {
  return { name, createdAt: decodeBucket(requireBucket(view, name)).createdAt };
}

/** Takes an empty bucket away, and with it the uploads in progress. */
export async function deleteBucket(
  { volume, committer }: EngineParts,
  bucket: string,
): Promise<void> {
  volume.assertWritable();
  await committer.commit(async (transaction) => {
    requireBucket(transaction, bucket);
    for await (const _ of transaction.range(startingWith(objectPrefix(bucket, "")))) {
      throw s3Error("BucketNotEmpty", { BucketName: bucket });
    }
    const uploads = uploadPrefix(bucket, "");
    for await (const [indexKey] of transaction.range(startingWith(uploads))) {
      const { name: key, next } = nameAt(indexKey, uploads.length);
      await removeUpload(transaction, { bucket, key, uploadId: indexKey.toString("utf8", next) });
    }
    transaction.delete(bucketKey(bucket));
  });
}

type ListBuckets = Parameters<Engine["listBuckets"]>[0];

/** One page of buckets, in byte order of their names. */
export async function listBuckets(
  { view }: EngineParts,
  { prefix, after: name, limit }: ListBuckets,
): ReturnType<Engine["listBuckets"]> {
  const { start, end } = bucketsRange(prefix);
  const behind = name === "" ? start : after(bucketKey(name));
  const from = Buffer.compare(behind, start) > 0 ? behind : start;
  const buckets: BucketInfo[] = [];
  if (limit === 0 || Buffer.compare(from, end) >= 0) return { buckets };
  for await (const [key, value] of view.range({ start: from, end })) {
    const last = buckets.at(-1);
    if (last !== undefined && buckets.length === limit) return { buckets, next: last.name };
    buckets.push({ name: nameAt(key, 1).name, createdAt: decodeBucket(value).createdAt });
  }
  return { buckets };
}
