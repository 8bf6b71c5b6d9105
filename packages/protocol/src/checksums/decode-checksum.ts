import { s3Error } from "../errors/s3-error.ts";
import { checksumBytes, checksumHeader, type ChecksumAlgorithm } from "./algorithm.ts";

/** The digest in a checksum header or element; `InvalidRequest` unless it is base64 of its length. */
export function decodeChecksum(algorithm: ChecksumAlgorithm, text: string): Buffer {
  const digest = decodeBase64(text);
  if (digest?.length !== checksumBytes(algorithm)) {
    throw s3Error("InvalidRequest", undefined, {
      message: `Value for ${checksumHeader(algorithm)} header is invalid.`,
      reason: "malformed_checksum",
    });
  }
  return digest;
}

/** The MD5 in a `Content-MD5` header; `InvalidDigest` unless it is base64 of 16 bytes. */
export function decodeContentMd5(text: string): Buffer {
  const digest = decodeBase64(text);
  if (digest?.length !== 16) {
    throw s3Error("InvalidDigest", undefined, { extra: { "Content-MD5": text } });
  }
  return digest;
}

/** Node skips what is not base64; encoding again shows whether anything was skipped. */
function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
