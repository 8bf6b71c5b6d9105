import type { IncomingHttpHeaders } from "node:http";
import {
  checksumAlgorithms,
  checksumHeader,
  presignedParameters,
  s3Error,
  type S3Error,
} from "@holdfast/protocol";

/** `x-amz-*` headers whose meaning Holdfast honours, or that change nothing here. */
const supported: ReadonlySet<string> = new Set([
  "x-amz-bypass-governance-retention",
  "x-amz-checksum-algorithm",
  "x-amz-checksum-mode",
  "x-amz-checksum-type",
  "x-amz-content-sha256",
  "x-amz-copy-source",
  "x-amz-copy-source-if-match",
  "x-amz-copy-source-if-modified-since",
  "x-amz-copy-source-if-none-match",
  "x-amz-copy-source-if-unmodified-since",
  "x-amz-copy-source-range",
  "x-amz-date",
  "x-amz-decoded-content-length",
  "x-amz-metadata-directive",
  "x-amz-mp-object-size",
  "x-amz-optional-object-attributes",
  "x-amz-request-payer",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-security-token",
  "x-amz-tagging-directive",
  "x-amz-trailer",
  "x-amz-user-agent",
  ...checksumAlgorithms.map((algorithm) => checksumHeader(algorithm)),
]);

/** Headers that Holdfast honours for these values alone. */
const supportedValues: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["x-amz-acl", new Set(["private", "bucket-owner-full-control", "bucket-owner-read"])],
  ["x-amz-bucket-object-lock-enabled", new Set(["false"])],
  ["x-amz-object-ownership", new Set(["BucketOwnerEnforced"])],
  ["x-amz-tagging", new Set([""])],
]);

/**
 * Refuses a request that asks for something Holdfast would have to leave out: an ACL, encryption, a
 * lock, a tag. Dropping such a header and answering 200 would be a lie.
 */
export function refuseUnsupportedHeaders(headers: IncomingHttpHeaders): void {
  for (const name of Object.keys(headers)) {
    if (!name.startsWith("x-amz-") || name.startsWith("x-amz-meta-")) continue;
    if (supported.has(name)) continue;
    const value = headers[name];
    if (name === "x-amz-storage-class") {
      if (value === "STANDARD") continue;
      throw s3Error("InvalidStorageClass");
    }
    if (typeof value === "string" && supportedValues.get(name)?.has(value) === true) continue;
    throw unsupportedHeader(name);
  }
}

/** Whether a parameter of a presigned request is the header of that name, moved into the query by whoever presigned it. */
export function isMovedHeader(parameter: string): boolean {
  return meaningInQuery(parameter) === "header";
}

/**
 * Refuses a request with a header in its query that nobody reads there: one that a presigned request cannot have, or any
 * where the query does not sign the request, of which S3 promises nothing.
 */
export function refuseMovedHeaders(query: ReadonlyMap<string, string>): void {
  for (const parameter of query.keys()) {
    if (meaningInQuery(parameter) !== "parameter") throw unsupportedHeader(parameter);
  }
}

function meaningInQuery(parameter: string): "header" | "nothing" | "parameter" {
  const name = parameter.toLowerCase();
  if (!name.startsWith("x-amz-") || harmlessParameters.has(name)) return "parameter";
  // SDKs presign the checksum of the body that they know, which is empty: taken as it stands, no upload would fit it.
  if (name.startsWith("x-amz-checksum-")) return "parameter";
  return meaningless.has(name) || customerKey.test(name) ? "nothing" : "header";
}

const harmlessParameters: ReadonlySet<string> = new Set([
  ...Object.values(presignedParameters).map((name) => name.toLowerCase()),
  "x-amz-content-sha256",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-security-token",
  "x-amz-user-agent",
]);

/** They frame a body in chunks, and that of a presigned request cannot be. */
const meaningless: ReadonlySet<string> = new Set(["x-amz-decoded-content-length", "x-amz-trailer"]);

/** A secret, which does not belong where URLs are kept; S3 wants it in a header, too. */
const customerKey = /^x-amz-(?:copy-source-)?server-side-encryption-customer-/;

/** The refusal of a header that has no meaning where it stands, or none here. */
export function unsupportedHeader(name: string): S3Error {
  return s3Error("NotImplemented", undefined, {
    message: "A header that you provided implies functionality that is not implemented.",
    extra: { Header: name },
    reason: "unsupported_header",
  });
}
