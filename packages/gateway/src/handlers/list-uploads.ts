import type { UploadInfo } from "@holdfast/engine";
import { formatIsoDate, renderResult, type XmlField } from "@holdfast/protocol";
import type { Handler } from "./handler.ts";
import { invalidArgument, readEncoding, readLimit } from "./list-parameters.ts";
import { owner } from "./owner.ts";
import { xmlReply } from "./xml-reply.ts";

/** The uploads under way in a bucket, in order of key, then of their start. */
export const listMultipartUploads: Handler = async ({ bucket, query }, engine) => {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const keyMarker = query.get("key-marker") ?? "";
  const uploadIdMarker = readUploadIdMarker(query);
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

/** `InvalidArgument` for what no upload can have as its id. */
function readUploadIdMarker(query: ReadonlyMap<string, string>): string {
  const marker = query.get("upload-id-marker") ?? "";
  if (marker === "" || /^[0-9a-f]{44}$/.test(marker)) return marker;
  throw invalidArgument("upload-id-marker", marker, "Invalid uploadId marker");
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
