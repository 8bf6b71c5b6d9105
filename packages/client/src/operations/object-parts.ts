import { createHash } from "node:crypto";
import {
  checksumAlgorithmOfHeader,
  checksumAlgorithms,
  checksumHeader,
  uriEncode,
  unquoteEtag,
  type Checksum,
  type ChecksumAlgorithm,
} from "@holdfast/protocol";
import type { AnswerHeaders, RequestHeaders } from "./header-table.ts";
import { invalidInput, malformed } from "./values.ts";

/** A checksum that the caller has computed, for the service to compare. */
export interface GivenChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64 of the big-endian digest. */
  readonly value: string;
}

/** Sets the header of a checksum. */
export function writeChecksum(checksum: GivenChecksum | undefined, headers: RequestHeaders): void {
  if (checksum === undefined) return;
  const { algorithm, value } = checksum;
  if (!checksumAlgorithms.includes(algorithm) || typeof value !== "string") {
    const known = checksumAlgorithms.join(", ");
    throw invalidInput(`A checksum is { algorithm, value }, with one of ${known} and its base64.`);
  }
  headers[checksumHeader(algorithm)] = value;
}

/** The checksum that an answer states, if any. */
export function readChecksum(headers: AnswerHeaders): Checksum | undefined {
  for (const name in headers) {
    const algorithm = checksumAlgorithmOfHeader(name);
    const value = headers[name];
    if (algorithm === undefined || value === undefined) continue;
    return checksumOf(algorithm, value, headers["x-amz-checksum-type"]);
  }
  return undefined;
}

/** A checksum as a service words it. One of parts ends in how many they were, if its type is not stated. */
export function checksumOf(
  algorithm: ChecksumAlgorithm,
  value: string,
  type: string | undefined,
): Checksum {
  const isComposite = type === undefined ? /-\d+$/.test(value) : type === "COMPOSITE";
  return { algorithm, value, type: isComposite ? "COMPOSITE" : "FULL_OBJECT" };
}

/** The etag of an answer that always has one; an answer without it is not S3's. */
export function requiredEtag(headers: AnswerHeaders): string {
  const { etag } = headers;
  if (etag === undefined || etag === "") throw malformed("The answer has no ETag.");
  return unquoteEtag(etag);
}

/** Sets the three headers of a key that the service uses and does not keep (SSE-C). 32 bytes. */
export function writeCustomerKey(
  key: Uint8Array | undefined,
  headers: RequestHeaders,
  prefix = "x-amz-",
): void {
  if (key === undefined) return;
  if (key.byteLength !== 32) throw invalidInput("A key of the caller's own must have 32 bytes.");
  const name = `${prefix}server-side-encryption-customer-`;
  headers[`${name}algorithm`] = "AES256";
  headers[`${name}key`] = Buffer.from(key).toString("base64");
  headers[`${name}key-md5`] = createHash("md5").update(key).digest("base64");
}

/** Tags as the header carries them, or undefined. */
export function tagsHeader(tags: Readonly<Record<string, string>> | undefined): string | undefined {
  if (tags === undefined) return undefined;
  return Object.entries(tags)
    .map(([key, value]) => `${uriEncode(key)}=${uriEncode(value)}`)
    .join("&");
}

/** Bytes to read, first and last included; `last` alone asks for that many at the end. */
export type RangeInput =
  | { readonly start: number; readonly end?: number | undefined }
  | { readonly last: number };

/** The header of a range. */
export function rangeHeader(range: RangeInput | undefined): string | undefined {
  if (range === undefined) return undefined;
  if (typeof range !== "object") throw invalidInput("A range is { start, end } or { last }.");
  const text = "last" in range ? `-${range.last}` : `${range.start}-${range.end ?? ""}`;
  if (!/^(?:\d+-\d*|-\d+)$/.test(text))
    throw invalidInput("The range is not one of whole numbers.");
  // A service takes such a range for none, and would send the whole object.
  if ("start" in range && range.end !== undefined && range.end < range.start) {
    throw invalidInput("The range ends before it starts.");
  }
  return `bytes=${text}`;
}

/** An object to copy from. */
export interface CopySourceInput {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
}

/** The header that names the source of a copy. */
export function copySourceHeader({ bucket, key, versionId }: CopySourceInput): string {
  const path = `${uriEncode(bucket)}/${key.split("/").map(uriEncode).join("/")}`;
  return versionId === undefined ? path : `${path}?versionId=${uriEncode(versionId)}`;
}
