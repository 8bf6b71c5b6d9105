import { s3Error, type S3Error } from "./errors/s3-error.ts";

/** Bytes of an object, both ends included: never empty, never past its end. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The bytes that a `Range` header asks of an object of `size` bytes; undefined for the whole object,
 * which is also S3's answer to several ranges, other units and what is no range. `InvalidRange` when
 * none of the bytes exist, and so for every range of an empty object.
 */
export function parseRange(header: string, size: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header) ?? [];
  if (first === undefined || last === undefined) return undefined;
  if (first === "") return last === "" ? undefined : suffixOf(header, Number(last), size);
  const start = Number(first);
  const end = last === "" ? Infinity : Number(last);
  if (end < start) return undefined;
  if (start >= size) throw invalidRange(header, size);
  return { start, end: Math.min(end, size - 1) };
}

/**
 * The bytes that `x-amz-copy-source-range` asks of a source of `size` bytes: `InvalidArgument` unless
 * it is `bytes=first-last`, `InvalidRange` unless the source has all of them.
 */
export function parseCopyRange(header: string, size: number): ByteRange {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  const start = Number(first);
  const end = Number(last);
  // What does not match is NaN, which compares as false.
  if (!(start <= end)) {
    throw s3Error("InvalidArgument", undefined, {
      message: "The x-amz-copy-source-range value must be of the form bytes=first-last.",
      extra: { ArgumentName: "x-amz-copy-source-range", ArgumentValue: header },
      reason: "malformed_copy_range",
    });
  }
  if (end >= size) throw invalidRange(header, size);
  return { start, end };
}

/** The `Content-Range` of a part of an object of `size` bytes. */
export function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end}/${size}`;
}

function suffixOf(header: string, length: number, size: number): ByteRange {
  if (length === 0 || size === 0) throw invalidRange(header, size);
  return { start: Math.max(0, size - length), end: size - 1 };
}

function invalidRange(header: string, size: number): S3Error {
  return s3Error(
    "InvalidRange",
    { RangeRequested: header, ActualObjectSize: `${size}` },
    { headers: { "content-range": `bytes */${size}` } },
  );
}
