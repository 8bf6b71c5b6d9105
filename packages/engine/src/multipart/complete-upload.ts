import { createHash } from "node:crypto";
import { multipartEtag, s3Error } from "@holdfast/protocol";
import type { CompletedPart, CompleteUpload, ObjectInfo } from "../api.ts";
import type { Transaction } from "../commit/transaction.ts";
import type { EngineParts } from "../engine-parts.ts";
import { partNumberOf, partsRange, payloadKey, uploadKey } from "../index/keys.ts";
import {
  decodePart,
  encodeRecord,
  type ObjectRecord,
  type PartRecord,
  type PartSegment,
} from "../index/records.ts";
import { objectInfo, partInfo } from "../objects/object-info.ts";
import {
  findObject,
  nextModified,
  replaceObject,
  requireBucket,
  requireSegments,
} from "../objects/object-records.ts";
import { checkWholeChecksum, wholeChecksum } from "./whole-checksum.ts";
import { findUpload } from "./upload-records.ts";

/** What every part but the last has at least: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const partBytesMin = 5 * 1024 * 1024;

/** Makes the parts an object in one commit; their bytes stay where they are. */
export async function completeUpload(
  { volume, committer, clock }: EngineParts,
  input: CompleteUpload,
): Promise<ObjectInfo> {
  volume.assertWritable();
  checkOrder(input.parts);
  const digest = digestOf(input.parts);
  return committer.commit(async (transaction) => {
    const upload = findUpload(transaction, input);
    const current = findObject(transaction, input);
    if (upload === undefined) return completedBefore(transaction, input, { current, digest });
    const { chosen, others } = await readParts(transaction, input);
    checkSizes(chosen, input);
    const checksum = wholeChecksum(upload, chosen);
    checkWholeChecksum(input, upload, checksum);
    input.precondition?.(current && objectInfo(input, current));
    const payload = transaction.nextPayload();
    const record: ObjectRecord = {
      size: sizeOf(chosen),
      etag: multipartEtag(chosen.map(({ etag }) => etag)),
      lastModified: nextModified(clock.now(), current),
      metadata: upload.metadata,
      ...(checksum === undefined ? {} : { checksum }),
      body: { in: "parts", payload },
      completed: { uploadId: input.uploadId, digest },
    };
    // The chosen blobs go from a part's record to the object's: as many name them as before.
    for (const { blob } of others) transaction.release(blob);
    transaction.put(payloadKey(payload), encodeRecord(chosen));
    transaction.delete(uploadKey(input.bucket, input.key, input.uploadId));
    replaceObject(transaction, input, { current, record });
    return objectInfo(input, record, chosen.map(partInfo));
  });
}

interface Before {
  readonly current: ObjectRecord | undefined;
  readonly digest: string;
}

function completedBefore(
  transaction: Transaction,
  input: CompleteUpload,
  { current, digest }: Before,
): ObjectInfo {
  const completed = current?.completed;
  if (current && completed?.uploadId === input.uploadId && completed.digest === digest) {
    const segments = requireSegments(transaction, current.body);
    return objectInfo(input, current, segments.map(partInfo));
  }
  requireBucket(transaction, input.bucket);
  throw s3Error("NoSuchUpload", { UploadId: input.uploadId });
}

function checkOrder(parts: readonly CompletedPart[]): void {
  if (parts.length === 0) throw s3Error("InvalidRequest", undefined, { reason: "no_parts" });
  let before = 0;
  for (const { partNumber } of parts) {
    if (partNumber <= before) throw s3Error("InvalidPartOrder");
    before = partNumber;
  }
}

interface ReadParts {
  readonly chosen: readonly PartSegment[];
  readonly others: readonly PartRecord[];
}

/** Takes the upload's part records away, and tells the ones that were asked for from the rest. */
async function readParts(transaction: Transaction, input: CompleteUpload): Promise<ReadParts> {
  const found = new Map<number, PartRecord>();
  for await (const [key, value] of transaction.range(partsRange(input.uploadId))) {
    found.set(partNumberOf(key), decodePart(value));
    transaction.delete(key);
  }
  const chosen = input.parts.map((part): PartSegment => {
    const record = found.get(part.partNumber);
    if (record === undefined || !isPart(part, record)) throw invalidPart(input.uploadId, part);
    found.delete(part.partNumber);
    return { partNumber: part.partNumber, ...record };
  });
  return { chosen, others: [...found.values()] };
}

function isPart({ etag, checksum }: CompletedPart, record: PartRecord): boolean {
  if (etag !== record.etag) return false;
  if (checksum === undefined) return true;
  return (
    checksum.algorithm === record.checksum.algorithm && checksum.value === record.checksum.value
  );
}

function invalidPart(uploadId: string, { partNumber, etag }: CompletedPart): Error {
  return s3Error(
    "InvalidPart",
    { UploadId: uploadId, PartNumber: String(partNumber) },
    { extra: { ETag: etag } },
  );
}

function checkSizes(chosen: readonly PartSegment[], input: CompleteUpload): void {
  const small = chosen.slice(0, -1).find(({ size }) => size < partBytesMin);
  if (small !== undefined) {
    throw s3Error(
      "EntityTooSmall",
      { ProposedSize: String(small.size), MinSizeAllowed: String(partBytesMin) },
      { extra: { PartNumber: String(small.partNumber), ETag: small.etag } },
    );
  }
  if (input.size !== undefined && input.size !== sizeOf(chosen)) {
    throw s3Error("InvalidRequest", undefined, { reason: "object_size_differs" });
  }
}

function sizeOf(parts: readonly PartSegment[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

/** Tells two lists of parts apart. */
function digestOf(parts: readonly CompletedPart[]): string {
  const hash = createHash("sha256");
  for (const { partNumber, etag } of parts) hash.update(`${partNumber} ${etag}\n`);
  return hash.digest("base64");
}
