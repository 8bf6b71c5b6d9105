import { invalidUri } from "../errors/invalid-uri.ts";

/** A request as it stood on the wire, before anything was decoded. */
export interface RequestLine {
  readonly method: string;
  /** Path and query exactly as on the wire. */
  readonly target: string;
  /** Name, value, name, value, as in node's `rawHeaders`: one character for each byte. */
  readonly rawHeaders: readonly string[];
}

/** What a signature covers, each part already in its canonical form. */
export interface Signable {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Lower case, in ascending order. */
  readonly signedHeaders: readonly string[];
  /** What `x-amz-content-sha256` says. */
  readonly payloadHash: string;
}

/**
 * The path as S3 signs it: every segment decoded once and encoded again, so that all spellings of a
 * key agree. Nothing is normalised, and `%2F` stays apart from `/`. `InvalidURI` for bad escapes.
 */
export function canonicalPath(rawPath: string): string {
  if (/^\/[A-Za-z0-9\-._~/]*$/.test(rawPath)) return rawPath;
  if (!rawPath.startsWith("/")) throw invalidUri("malformed_path");
  return rawPath
    .split("/")
    .map((segment) => uriEncode(uriDecode(segment)))
    .join("/");
}

/** Decoded parameters as they are signed: encoded, then sorted by name and by value. */
export function canonicalQuery(parameters: readonly (readonly [string, string])[]): string {
  if (parameters.length === 0) return "";
  return parameters
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/**
 * The canonical request of SigV4, one character for each byte: hash it as Latin-1
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). Values of the
 * headers in `masked` are replaced, for showing it to whoever sent the request.
 */
export function canonicalRequest(signable: Signable, masked?: ReadonlySet<string>): string {
  const { method, path, query, headers, signedHeaders, payloadHash } = signable;
  let lines = "";
  for (const name of signedHeaders) {
    const value = masked?.has(name) === true ? "***" : canonicalValue(headers.get(name) ?? "");
    lines += `${name}:${value}\n`;
  }
  return `${method}\n${path}\n${query}\n${lines}\n${signedHeaders.join(";")}\n${payloadHash}`;
}

/** Percent-encodes all but SigV4's unreserved characters: `A-Z a-z 0-9 - . _ ~`. */
export function uriEncode(text: string): string {
  if (/^[A-Za-z0-9\-._~]*$/.test(text)) return text;
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function uriDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw invalidUri("malformed_path", cause);
  }
}

/** Without white space at the ends, and each run of it within made one space. */
function canonicalValue(value: string): string {
  if (!/^[ \t]|[ \t]$|\t| {2}/.test(value)) return value;
  return value.replaceAll(/[ \t]+/g, " ").replaceAll(/^ | $/g, "");
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
