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

/**
 * Refuses a request with a header that whoever presigned it moved into the query, where S3 would take it as a header. Here
 * it is none, so only such pass as change nothing that is stored, granted or carried out.
 */
export function refuseMovedHeaders(query: ReadonlyMap<string, string>): void {
  for (const parameter of query.keys()) {
    const name = parameter.toLowerCase();
    if (!name.startsWith("x-amz-") || name.startsWith("x-amz-checksum-")) continue;
    if (!harmlessParameters.has(name)) throw unsupportedHeader(parameter);
  }
}

const harmlessParameters: ReadonlySet<string> = new Set([
  ...Object.values(presignedParameters).map((name) => name.toLowerCase()),
  "x-amz-content-sha256",
  "x-amz-request-payer",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-security-token",
  "x-amz-user-agent",
]);

/** The refusal of a header that has no meaning where it stands, or none here. */
export function unsupportedHeader(name: string): S3Error {
  return s3Error("NotImplemented", undefined, {
    message: "A header that you provided implies functionality that is not implemented.",
    extra: { Header: name },
    reason: "unsupported_header",
  });
}
