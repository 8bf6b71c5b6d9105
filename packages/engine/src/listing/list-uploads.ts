import type { ListUploads, UploadInfo, UploadPage } from "../api.ts";
import type { EngineParts } from "../engine-parts.ts";
import {
  after,
  nameAt,
  startingWith,
  uploadKey,
  uploadPrefix,
  type KeyRange,
} from "../index/keys.ts";
import { decodeUpload } from "../index/records.ts";
import { unseal } from "../index/sealed-value.ts";
import { uploadInfo } from "../multipart/upload-records.ts";
import { requireBucket } from "../objects/object-records.ts";
import { skipScan } from "./skip-scan.ts";
import { commonPrefix } from "./walk.ts";

/** One page of the uploads in progress, by key and then by when they began. */
export async function listUploads(
  { view, store }: EngineParts,
  input: ListUploads,
): Promise<UploadPage> {
  const { bucket, prefix, delimiter, limit } = input;
  requireBucket(view, bucket);
  const nameOffset = uploadPrefix(bucket, "").length;
  const { found, more } = await skipScan(store, {
    range: uploadsAfter(input),
    prefix,
    delimiter,
    limit,
    nameOf: (key) => nameAt(key, nameOffset).name,
    keyPrefix: (name) => uploadPrefix(bucket, name),
  });
  const entries = found.map(({ name, entry }): UploadPage["entries"][number] => {
    if (entry === undefined) return { type: "prefix", prefix: name };
    const uploadId = entry[0].toString("utf8", nameAt(entry[0], nameOffset).next);
    const upload = uploadInfo({ bucket, key: name, uploadId }, decodeUpload(unseal(...entry)));
    return { type: "upload", upload };
  });
  const last = entries.at(-1);
  return { entries, ...(more && last !== undefined ? { next: markersOf(last) } : {}) };
}

function markersOf(entry: UploadPage["entries"][number]): NonNullable<UploadPage["next"]> {
  if (entry.type === "prefix") return { keyMarker: entry.prefix, uploadIdMarker: "" };
  const { key, uploadId } = entry.upload satisfies UploadInfo;
  return { keyMarker: key, uploadIdMarker: uploadId };
}

function uploadsAfter(input: ListUploads): KeyRange {
  const { bucket, prefix, delimiter, keyMarker, uploadIdMarker } = input;
  const all = startingWith(uploadPrefix(bucket, prefix));
  if (keyMarker === "") return all;
  const covers =
    keyMarker.startsWith(prefix) && commonPrefix(keyMarker, { prefix, delimiter }) === keyMarker;
  const start = covers
    ? after(uploadPrefix(bucket, keyMarker))
    : uploadIdMarker === ""
      ? after(uploadKey(bucket, keyMarker, ""))
      : after(uploadKey(bucket, keyMarker, uploadIdMarker));
  return { start: Buffer.compare(start, all.start) > 0 ? start : all.start, end: all.end };
}
