import type { ListEntry, ObjectInfo, ObjectPage } from "@holdfast/engine";
import { formatIsoDate, quoteEtag, renderResult, type XmlField } from "@holdfast/protocol";
import type { Handler } from "./handler.ts";
import { decodeToken, encodeToken, readEncoding, readLimit } from "./list-parameters.ts";
import { owner } from "./owner.ts";
import { xmlReply } from "./xml-reply.ts";

type Encode = (text: string) => string;

/** The first version of the listing: pages are found again by the last key. */
export const listObjects: Handler = async ({ bucket, query }, engine) => {
  const marker = query.get("marker") ?? "";
  const common = readCommon(query);
  const page = await engine.listObjects({ bucket, ...common, after: marker });
  const { encode, delimiter } = common;
  // S3 tells the marker only with a delimiter; without one it is the last key.
  const nextMarker = delimiter === "" ? undefined : page.next;
  return xmlReply(
    renderResult("ListBucketResult", [
      ["Name", bucket],
      ["Prefix", encode(common.prefix)],
      ["Marker", encode(marker)],
      ["NextMarker", nextMarker === undefined ? undefined : encode(nextMarker)],
      ...describePage(page, common, true),
    ]),
  );
};

/** The second version: pages are found again by an opaque token. */
export const listObjectsV2: Handler = async ({ bucket, query }, engine) => {
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after");
  const after = decodeToken(token, "continuation-token") ?? startAfter ?? "";
  const common = readCommon(query);
  const page = await engine.listObjects({ bucket, ...common, after });
  const { encode } = common;
  return xmlReply(
    renderResult("ListBucketResult", [
      ["Name", bucket],
      ["Prefix", encode(common.prefix)],
      ["KeyCount", page.entries.length],
      ["ContinuationToken", token],
      ["NextContinuationToken", page.next === undefined ? undefined : encodeToken(page.next)],
      ["StartAfter", startAfter === undefined ? undefined : encode(startAfter)],
      ...describePage(page, common, query.get("fetch-owner") === "true"),
    ]),
  );
};

interface Common {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  readonly encode: Encode;
  readonly isEncoded: boolean;
}

function readCommon(query: ReadonlyMap<string, string>): Common {
  return {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    limit: readLimit(query, "max-keys"),
    encode: readEncoding(query),
    isEncoded: query.has("encoding-type"),
  };
}

function describePage(page: ObjectPage, common: Common, withOwner: boolean): XmlField[] {
  const { encode, delimiter } = common;
  return [
    ["MaxKeys", common.limit],
    ["Delimiter", delimiter === "" ? undefined : encode(delimiter)],
    ["EncodingType", common.isEncoded ? "url" : undefined],
    ["IsTruncated", page.next !== undefined],
    ...page.entries.map((entry) => describeEntry(entry, encode, withOwner)),
  ];
}

function describeEntry(entry: ListEntry, encode: Encode, withOwner: boolean): XmlField {
  if (entry.type === "prefix") {
    return ["CommonPrefixes", [["Prefix", encode(entry.prefix)]]];
  }
  return describeObject(entry.object, encode, withOwner);
}

function describeObject(object: ObjectInfo, encode: Encode, withOwner: boolean): XmlField {
  return [
    "Contents",
    [
      ["Key", encode(object.key)],
      ["LastModified", formatIsoDate(object.lastModified)],
      ["ETag", quoteEtag(object.etag)],
      ["ChecksumAlgorithm", object.checksum?.algorithm],
      ["ChecksumType", object.checksum?.type],
      ["Size", object.size],
      ...(withOwner ? [owner("Owner")] : []),
      ["StorageClass", "STANDARD"],
    ],
  ];
}
