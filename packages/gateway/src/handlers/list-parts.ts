import type { PartInfo } from "@holdfast/engine";
import { formatIsoDate, quoteEtag, renderResult, type XmlField } from "@holdfast/protocol";
import { checksumElements } from "./checksum-elements.ts";
import type { Handler } from "./handler.ts";
import { readCount, readEncoding, readLimit } from "./list-parameters.ts";
import { owner } from "./owner.ts";
import { uploadRef } from "./upload-ref.ts";
import { xmlReply } from "./xml-reply.ts";

/** The parts that an upload holds, in order of their numbers. */
export const listParts: Handler = async (request, engine) => {
  const { bucket, key, query } = request;
  const marker = readCount(query, "part-number-marker") ?? 0;
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
