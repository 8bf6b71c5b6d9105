import type { IncomingHttpHeaders } from "node:http";
import type { ObjectInfo, ObjectMetadata } from "@holdfast/engine";
import { checksumHeader, formatHttpDate, quoteEtag, s3Error } from "@holdfast/protocol";

/** Headers that S3 keeps with an object and gives back with it. */
const systemHeaders = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
] as const;

/** Names and values together, as AWS counts: UserGuide/UsingMetadata. */
const userMetadataBytesMax = 2048;
const userPrefix = "x-amz-meta-";

/** What a request attaches to the object that it makes. */
export function readMetadata(headers: IncomingHttpHeaders): ObjectMetadata {
  const system: [string, string][] = [];
  for (const name of systemHeaders) {
    const value = name === "content-encoding" ? storedEncoding(headers[name]) : headers[name];
    if (typeof value === "string" && value !== "") system.push([name, value]);
  }
  const user: [string, string][] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(userPrefix) || typeof value !== "string") continue;
    // Node hands over one character a byte, so lengths are lengths in bytes.
    bytes += name.length - userPrefix.length + value.length;
    user.push([name.slice(userPrefix.length), value]);
  }
  if (bytes > userMetadataBytesMax) {
    throw s3Error("MetadataTooLarge", undefined, {
      extra: { Size: String(bytes), MaxSizeAllowed: String(userMetadataBytesMax) },
    });
  }
  return { system: Object.fromEntries(system), user: Object.fromEntries(user) };
}

/** `aws-chunked` is how the body travelled, not how the object is encoded. */
export function storedEncoding(value: string | undefined): string | undefined {
  if (value === undefined || !/aws-chunked/i.test(value)) return value;
  const codings = value.split(",").map((coding) => coding.trim());
  const kept = codings.filter((coding) => coding !== "" && coding.toLowerCase() !== "aws-chunked");
  return kept.join(", ");
}

/** The headers that describe an object in the answers to GET and HEAD. */
export function objectHeaders(info: ObjectInfo): Record<string, string> {
  const headers: Record<string, string> = {
    "last-modified": formatHttpDate(info.lastModified),
    etag: quoteEtag(info.etag),
    "accept-ranges": "bytes",
    "content-type": "binary/octet-stream",
  };
  Object.assign(headers, info.metadata.system);
  for (const [name, value] of Object.entries(info.metadata.user)) {
    headers[userPrefix + name] = value;
  }
  return headers;
}

/** The headers that tell an object's or part's checksum. */
export function checksumHeaders({
  checksum,
}: Pick<ObjectInfo, "checksum">): Record<string, string> {
  if (checksum === undefined) return {};
  return {
    [checksumHeader(checksum.algorithm)]: checksum.value,
    "x-amz-checksum-type": checksum.type,
  };
}
