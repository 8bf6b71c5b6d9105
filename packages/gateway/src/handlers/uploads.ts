import type { PartInfo, UploadInfo, UploadRef } from "@holdfast/engine";
import {
  formatIsoDate,
  quoteEtag,
  renderResult,
  s3Error,
  type ChecksumAlgorithm,
  type ChecksumType,
  type XmlField,
} from "@holdfast/protocol";
import { readAlgorithmName } from "../body/digests.ts";
import type { Authorized } from "../context.ts";
import { checksumElements } from "./checksum-elements.ts";
import type { Handler } from "./handler.ts";
import { readEncoding, readLimit } from "./list-parameters.ts";
import { readMetadata } from "./metadata.ts";
import { owner } from "./owner.ts";
import { xmlReply } from "./xml-reply.ts";

/** Starts an upload in parts. */
export const createMultipartUpload: Handler = async ({ bucket, key, headers }, engine) => {
  const algorithm = readAlgorithmName(headers["x-amz-checksum-algorithm"]);
  const type = readChecksumType(headers["x-amz-checksum-type"]);
  if (type !== undefined && algorithm === undefined) {
    throw s3Error("InvalidRequest", undefined, {
      message: "The x-amz-checksum-type header can only be used with x-amz-checksum-algorithm.",
    });
  }
  const upload = await engine.createUpload({
    bucket,
    key,
    metadata: readMetadata(headers),
    ...(algorithm === undefined ? {} : { checksumAlgorithm: algorithm }),
    ...(type === undefined ? {} : { checksumType: type }),
  });
  return xmlReply(
    renderResult("InitiateMultipartUploadResult", [
      ["Bucket", bucket],
      ["Key", key],
      ["UploadId", upload.uploadId],
    ]),
    uploadHeaders(upload),
  );
};

function uploadHeaders(upload: {
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly checksumType?: ChecksumType;
}): Record<string, string> {
  const { checksumAlgorithm, checksumType } = upload;
  return {
    ...(checksumAlgorithm === undefined ? {} : { "x-amz-checksum-algorithm": checksumAlgorithm }),
    ...(checksumType === undefined ? {} : { "x-amz-checksum-type": checksumType }),
  };
}

/** `COMPOSITE` or `FULL_OBJECT`, if it is said. */
export function readChecksumType(value: string | string[] | undefined): ChecksumType | undefined {
  if (value === undefined || value === "COMPOSITE" || value === "FULL_OBJECT") return value;
  throw s3Error("InvalidRequest", undefined, {
    message: "Value for x-amz-checksum-type header is invalid.",
  });
}

/** The upload that the request is about. */
export function uploadRef({ bucket, key, query }: Authorized): UploadRef {
  return { bucket, key, uploadId: query.get("uploadId") ?? "" };
}

/** Gives up an upload and its parts. */
export const abortMultipartUpload: Handler = async (request, engine) => {
  await engine.abortUpload(uploadRef(request));
  return { status: 204 };
};

/** The parts that an upload holds, in order of their numbers. */
export const listParts: Handler = async (request, engine) => {
  const { bucket, key, query } = request;
  const after = readLimit(query, "part-number-marker", 10_000);
  const marker = query.has("part-number-marker") ? after : 0;
  const limit = readLimit(query, "max-parts");
  const ref = uploadRef(request);
  const { upload, parts, next } = await engine.listParts(ref, { after: marker, limit });
  const encode = readEncoding(query);
  return xmlReply(
    renderResult("ListPartsResult", [
      ["Bucket", bucket],
      ["Key", encode(key)],
      ["UploadId", ref.uploadId],
      owner("Initiator"),
      owner("Owner"),
      ["StorageClass", "STANDARD"],
      ["PartNumberMarker", marker],
      ["NextPartNumberMarker", next],
      ["MaxParts", limit],
      ["IsTruncated", next !== undefined],
      ["ChecksumAlgorithm", upload.checksumAlgorithm],
      ["ChecksumType", upload.checksumType],
      ...parts.map((part) => describePart(part)),
    ]),
  );
};

/** The uploads under way in a bucket, in order of key, then of their start. */
export const listMultipartUploads: Handler = async ({ bucket, query }, engine) => {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const keyMarker = query.get("key-marker") ?? "";
  const uploadIdMarker = query.get("upload-id-marker") ?? "";
  const limit = readLimit(query, "max-uploads");
  const encode = readEncoding(query);
  const options = { bucket, prefix, delimiter, keyMarker, uploadIdMarker, limit };
  const { entries, next } = await engine.listUploads(options);
  return xmlReply(
    renderResult("ListMultipartUploadsResult", [
      ["Bucket", bucket],
      ["KeyMarker", encode(keyMarker)],
      ["UploadIdMarker", uploadIdMarker],
      ["Prefix", encode(prefix)],
      ["Delimiter", delimiter === "" ? undefined : encode(delimiter)],
      ["EncodingType", query.get("encoding-type")],
      ["NextKeyMarker", next === undefined ? undefined : encode(next.keyMarker)],
      ["NextUploadIdMarker", next?.uploadIdMarker],
      ["MaxUploads", limit],
      ["IsTruncated", next !== undefined],
      ...entries.map((entry): XmlField =>
        entry.type === "prefix"
          ? ["CommonPrefixes", [["Prefix", encode(entry.prefix)]]]
          : describeUpload(entry.upload, encode),
      ),
    ]),
  );
};

function describePart(part: PartInfo): XmlField {
  return [
    "Part",
    [
      ["PartNumber", part.partNumber],
      ["LastModified", formatIsoDate(part.lastModified)],
      ["ETag", quoteEtag(part.etag)],
      ["Size", part.size],
      ...checksumElements(part).slice(0, 1),
    ],
  ];
}

function describeUpload(upload: UploadInfo, encode: (text: string) => string): XmlField {
  return [
    "Upload",
    [
      ["Key", encode(upload.key)],
      ["UploadId", upload.uploadId],
      owner("Initiator"),
      owner("Owner"),
      ["StorageClass", "STANDARD"],
      ["Initiated", formatIsoDate(upload.createdAt)],
    ],
  ];
}
