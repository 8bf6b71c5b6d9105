import { invalidUri } from "./errors/invalid-uri.ts";
import { s3Error, type S3Error } from "./errors/s3-error.ts";
import { isBucketName } from "./names.ts";

const parametersMax = 100;
const parameterNameLengthMax = 256;

/** A request target, split once; `rawPath` and `rawQuery` are as they came. */
export interface Target {
  readonly rawPath: string;
  /** Without the `?`; empty when there is none. */
  readonly rawQuery: string;
  /** Decoded names to their decoded values, in the order sent; `?name` and `?name=` are one. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** Undefined for the service itself. Not yet checked to be a name that a bucket may have. */
  readonly bucket: string | undefined;
  /** Undefined for the bucket itself. Not yet checked for its length. */
  readonly key: string | undefined;
}

/**
 * Splits a path-style request target as it stood on the wire: `InvalidURI` unless it is origin-form
 * with whole percent escapes that make valid UTF-8, `InvalidBucketName` when the bucket's segment is
 * empty or hides a slash. Nothing is normalised: `.`, `..` and doubled slashes belong to the key.
 */
export function splitTarget(target: string): Target {
  // A target has only visible ASCII and no fragment (RFC 9112, 3.2.1; RFC 3986, 2 and 3.5).
  if (!/^\/[\x21\x22\x24-\x7e]*$/.test(target)) throw invalidUri("malformed_target");
  const mark = target.indexOf("?");
  const rawPath = mark === -1 ? target : target.slice(0, mark);
  const rawQuery = mark === -1 ? "" : target.slice(mark + 1);
  return { rawPath, rawQuery, query: groupQuery(rawQuery), ...splitPath(rawPath) };
}

/**
 * The decoded parameters of a raw query in the order sent. `+` is a space, as for AWS: several
 * clients write spaces so and sign them as `%20`. Whoever verifies a signature must use this too,
 * or what was signed and what is done could differ. `InvalidURI` for bad escapes, more than 100
 * parameters or a name beyond 256 characters.
 */
export function parseQuery(rawQuery: string): readonly (readonly [name: string, value: string])[] {
  // One more than allowed shows the excess without splitting all of it.
  const pieces = rawQuery.split("&", parametersMax + 1);
  if (pieces.length > parametersMax) throw invalidUri("too_many_parameters");
  const pairs: (readonly [string, string])[] = [];
  for (const piece of pieces) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const name = decodeParameter(equals === -1 ? piece : piece.slice(0, equals));
    if (name.length > parameterNameLengthMax) throw invalidUri("parameter_name_too_long");
    pairs.push([name, equals === -1 ? "" : decodeParameter(piece.slice(equals + 1))]);
  }
  return pairs;
}

/** An object that a copy reads from. */
export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

/**
 * Reads `x-amz-copy-source`, decoded exactly once and with or without its leading slash:
 * `InvalidArgument` unless it names a bucket and a key, `NotImplemented` for ARNs.
 */
export function parseCopySource(value: string): CopySource {
  if (value.startsWith("arn:")) {
    throw s3Error("NotImplemented", undefined, {
      extra: { Header: "x-amz-copy-source" },
      reason: "copy_source_arn",
    });
  }
  const marker = "?versionId=";
  const mark = value.lastIndexOf(marker);
  const path = decodeCopySource(value, mark === -1 ? value : value.slice(0, mark));
  const [, bucket = "", key = ""] = /^\/?([^/]*)\/(.*)$/s.exec(path) ?? [];
  if (!isBucketName(bucket) || key === "") throw invalidCopySource(value);
  if (mark === -1) return { bucket, key };
  const versionId = decodeCopySource(value, value.slice(mark + marker.length));
  if (versionId === "") throw invalidCopySource(value);
  return { bucket, key, versionId };
}

function splitPath(rawPath: string): Pick<Target, "bucket" | "key"> {
  if (rawPath === "/") return { bucket: undefined, key: undefined };
  // The slash that ends the bucket is sought before decoding: an escaped one separates nothing.
  const slash = rawPath.indexOf("/", 1);
  const bucket = decodePath(slash === -1 ? rawPath.slice(1) : rawPath.slice(1, slash));
  if (bucket === "" || bucket.includes("/")) {
    throw s3Error("InvalidBucketName", { BucketName: bucket });
  }
  const key = slash === -1 ? "" : decodePath(rawPath.slice(slash + 1));
  return { bucket, key: key === "" ? undefined : key };
}

function groupQuery(rawQuery: string): Target["query"] {
  const query = new Map<string, string[]>();
  for (const [name, value] of parseQuery(rawQuery)) {
    const values = query.get(name);
    if (values === undefined) query.set(name, [value]);
    else values.push(value);
  }
  return query;
}

function decodePath(text: string): string {
  const decoded = decode(text);
  if (decoded === undefined) throw invalidUri("malformed_path");
  return decoded;
}

function decodeParameter(text: string): string {
  const decoded = decode(text.replaceAll("+", " "));
  if (decoded === undefined) throw invalidUri("malformed_query");
  return decoded;
}

function decodeCopySource(value: string, text: string): string {
  const decoded = /^[\x20-\x7e]*$/.test(text) ? decode(text) : undefined;
  if (decoded === undefined) throw invalidCopySource(value);
  return decoded;
}

/** decodeURIComponent is strict: whole escapes only, and no bytes that are not UTF-8. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function invalidCopySource(value: string): S3Error {
  return s3Error("InvalidArgument", undefined, {
    message: "The copy source must name a bucket and a key, percent-encoded.",
    extra: { ArgumentName: "x-amz-copy-source", ArgumentValue: value },
    reason: "malformed_copy_source",
  });
}
