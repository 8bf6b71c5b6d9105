import { syntaxRows } from "./errors/rows/syntax.ts";
import { refusalOfRow, s3Error } from "./errors/s3-error.ts";

/** The most bytes of UTF-8 that a key may have. */
const keyBytesMax = 1024;

const bucketNameShape = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const ipAddressShape = /^\d+\.\d+\.\d+\.\d+$/;
const reservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
const reservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/**
 * Whether a bucket may have this name: AWS's rules for general purpose buckets
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
 */
export function isBucketName(name: string): boolean {
  return (
    bucketNameShape.test(name) &&
    !name.includes("..") &&
    !ipAddressShape.test(name) &&
    !reservedPrefixes.some((prefix) => name.startsWith(prefix)) &&
    !reservedSuffixes.some((suffix) => name.endsWith(suffix))
  );
}

/** Throws `InvalidBucketName` unless a bucket may have this name. */
export function checkBucketName(name: string): void {
  if (!isBucketName(name)) throw s3Error("InvalidBucketName", { BucketName: name });
}

/**
 * Throws `KeyTooLongError` past 1024 bytes of UTF-8, and `InvalidArgument` for what no bytes on the
 * wire can name: no key at all, or half a surrogate pair. Every other character is legal anywhere.
 */
export function checkKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > keyBytesMax) {
    const extra = { Size: `${size}`, MaxSizeAllowed: `${keyBytesMax}` };
    throw refusalOfRow("KeyTooLongError", syntaxRows.KeyTooLongError, { extra });
  }
  // Encoded, all lone surrogates are the same replacement character: different keys would collide.
  if (size === 0 || /\p{Surrogate}/u.test(key)) {
    throw refusalOfRow("InvalidArgument", syntaxRows.InvalidArgument, {
      message: "The object key is empty or not valid Unicode.",
      extra: { ArgumentName: "key" },
      reason: "invalid_key",
    });
  }
}
