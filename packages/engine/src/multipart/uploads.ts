import { multipartChecksumTypes, s3Error } from "@holdfast/protocol";
import type { CreateUpload, PartInfo, PartPage, PutPart, UploadInfo, UploadRef } from "../api.ts";
import type { EngineParts } from "../engine-parts.ts";
import { partKey, partNumberOf, partsRange, uploadKey } from "../index/keys.ts";
import { decodePart, encodeRecord, type PartRecord, type UploadRecord } from "../index/records.ts";
import { partInfo } from "../objects/object-info.ts";
import { nextModified, requireBucket } from "../objects/object-records.ts";
import { keepingBlob } from "../objects/put-object.ts";
import { receiveBody } from "../objects/receive-body.ts";
import { removeUpload, requireUpload, uploadInfo } from "./upload-records.ts";

/** Part numbers go from 1 to here: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const partNumberMax = 10_000;

/** Begins an upload. */
export async function createUpload(
  { volume, room, committer, clock, random }: EngineParts,
  input: CreateUpload,
): Promise<UploadInfo> {
  volume.assertWritable();
  await room.admit();
  const { checksumAlgorithm: algorithm, checksumType: type, metadata } = input;
  if (algorithm === undefined && type !== undefined) throw unfitChecksumType();
  if (algorithm !== undefined && type !== undefined) {
    if (!multipartChecksumTypes(algorithm).includes(type)) throw unfitChecksumType();
  }
  const createdAt = clock.now();
  const record: UploadRecord = {
    createdAt,
    metadata,
    ...(algorithm === undefined
      ? {}
      : {
          checksumAlgorithm: algorithm,
          checksumType: type ?? multipartChecksumTypes(algorithm)[0],
        }),
  };
  // The time in front puts the uploads of a key in the order in which S3 lists them.
  const uploadId = createdAt.toString(16).padStart(12, "0") + random(16).toString("hex");
  const ref: UploadRef = { bucket: input.bucket, key: input.key, uploadId };
  return committer.commit((transaction) => {
    requireBucket(transaction, ref.bucket);
    transaction.put(uploadKey(ref.bucket, ref.key, uploadId), encodeRecord(record));
    return uploadInfo(ref, record);
  });
}

/** Stores a part, in place of the one with the same number. */
export async function putPart(parts: EngineParts, input: PutPart): Promise<PartInfo> {
  const { volume, view, committer, clock } = parts;
  const { partNumber } = input;
  volume.assertWritable();
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > partNumberMax) {
    throw s3Error("InvalidArgument", undefined, { reason: "part_number_out_of_range" });
  }
  const upload = requireUpload(view, input);
  const algorithm = input.checksumAlgorithm ?? upload.checksumAlgorithm ?? "CRC64NVME";
  if (upload.checksumAlgorithm !== undefined && algorithm !== upload.checksumAlgorithm) {
    throw s3Error("InvalidRequest", undefined, { reason: "part_checksum_algorithm_differs" });
  }
  const received = await receiveBody(parts, {
    ...input,
    checksumAlgorithm: algorithm,
    inlineBytesMax: -1,
  });
  return keepingBlob(parts, received, () =>
    committer.commit((transaction) => {
      input.signal?.throwIfAborted();
      requireUpload(transaction, input);
      const { stored } = received;
      if (!("blob" in stored))
        throw s3Error("InternalError", undefined, { reason: "part_without_blob" });
      const key = partKey(input.uploadId, partNumber);
      const bytes = transaction.get(key);
      const current = bytes === undefined ? undefined : decodePart(bytes);
      const record: PartRecord = {
        size: received.size,
        etag: received.md5,
        lastModified: nextModified(clock.now(), current),
        checksum: received.checksum,
        blob: stored.blob,
      };
      transaction.reference(record.blob);
      transaction.put(key, encodeRecord(record));
      if (current !== undefined) transaction.release(current.blob);
      return partInfo({ partNumber, ...record });
    }),
  );
}

/** Takes an upload away, and with it every part. */
export async function abortUpload(
  { volume, committer }: EngineParts,
  ref: UploadRef,
): Promise<void> {
  volume.assertWritable();
  await committer.commit(async (transaction) => {
    requireUpload(transaction, ref);
    await removeUpload(transaction, ref);
  });
}

/** One page of an upload's parts, in order of their numbers. */
export async function listParts(
  { view }: EngineParts,
  ref: UploadRef,
  options: { readonly after: number; readonly limit: number },
): Promise<PartPage> {
  const upload = requireUpload(view, ref);
  const parts: PartInfo[] = [];
  const { start, end } = partsRange(ref.uploadId);
  const from =
    options.after < 1 ? start : partKey(ref.uploadId, Math.min(options.after, partNumberMax) + 1);
  let more = false;
  if (options.limit > 0) {
    for await (const [key, value] of view.range({ start: from, end })) {
      more = parts.length === options.limit;
      if (more) break;
      parts.push(partInfo({ partNumber: partNumberOf(key), ...decodePart(value) }));
    }
  }
  // An upload that ended while its parts were read would look like one that lost some.
  requireUpload(view, ref);
  const last = parts.at(-1);
  return {
    upload: uploadInfo(ref, upload),
    parts,
    ...(more && last !== undefined ? { next: last.partNumber } : {}),
  };
}

function unfitChecksumType(): Error {
  return s3Error("InvalidRequest", undefined, { reason: "checksum_type_does_not_fit" });
}
