import type { IncomingHttpHeaders } from "node:http";
import { s3Error, type FormFields, type S3Error } from "@holdfast/protocol";
import { unsupportedHeader } from "../handlers/supported-headers.ts";

/** Fields that describe the object, each under the name of the header that does so in a PUT. */
const describing: ReadonlyMap<string, string> = new Map([
  ["acl", "x-amz-acl"],
  ["cache-control", "cache-control"],
  ["content-disposition", "content-disposition"],
  ["content-encoding", "content-encoding"],
  ["content-language", "content-language"],
  ["content-md5", "content-md5"],
  ["content-type", "content-type"],
  ["expires", "expires"],
  ["tagging", "x-amz-tagging"],
  ["x-amz-storage-class", "x-amz-storage-class"],
  ["x-amz-website-redirect-location", "x-amz-website-redirect-location"],
]);

/** Fields that say who signs. */
const signing: ReadonlySet<string> = new Set([
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-signature",
]);

const describingPrefixes = [
  "x-amz-checksum-",
  "x-amz-meta-",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-server-side-encryption",
];

/**
 * The headers of the PUT that would make the same object. A field in S3's own name space that makes none is
 * `NotImplemented`, and what a header cannot carry is `InvalidArgument`.
 */
export function formHeaders(fields: FormFields): IncomingHttpHeaders {
  const headers: [string, string][] = [];
  for (const [name, value] of fields) {
    const header = headerOf(name);
    if (header === undefined) continue;
    // As Node hands headers over: a character for each byte.
    const bytes = Buffer.from(value).toString("latin1").trim();
    const isHeader =
      /^[\t\x20-\x7e\x80-\xff]*$/.test(bytes) && /^[\w!#$%&'*+.^`|~-]+$/.test(header);
    if (!isHeader) throw notAHeader(name);
    headers.push([header, bytes]);
  }
  return Object.fromEntries(headers);
}

function headerOf(name: string): string | undefined {
  const header = describing.get(name);
  if (header !== undefined) return header;
  if (!name.startsWith("x-amz-") || signing.has(name)) return undefined;
  if (describingPrefixes.some((prefix) => name.startsWith(prefix))) return name;
  throw unsupportedHeader(name);
}

function notAHeader(name: string): S3Error {
  return s3Error("InvalidArgument", undefined, {
    message: "A field of the form has a name or a value that the header of an object cannot have.",
    extra: { ArgumentName: name },
    reason: "unsendable_field",
  });
}
