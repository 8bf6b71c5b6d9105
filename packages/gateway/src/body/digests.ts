import type { IncomingHttpHeaders } from "node:http";
import type { Computed } from "@holdfast/engine";
import {
  checksumAlgorithmOfHeader,
  checksumAlgorithms,
  checksumHeader,
  decodeChecksum,
  decodeContentMd5,
  s3Error,
  type ChecksumAlgorithm,
  type S3Error,
} from "@holdfast/protocol";
import { announcedTrailers } from "./payload.ts";

/** What the client says its bytes come to. */
export interface Digests {
  /** The algorithm it chose, with or without a checksum; absent when it chose none. */
  readonly algorithm?: ChecksumAlgorithm;
  /** The checksum it sent ahead of the body, in base64. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
  /** The trailer that will carry it instead. */
  readonly trailer?: string;
  /** `Content-MD5`, in hexadecimal. */
  readonly md5?: string;
}

/** Reads every header that binds the body to a digest, and refuses what contradicts itself. */
export function readDigests(headers: IncomingHttpHeaders): Digests {
  const checksum = readChecksumHeader(headers);
  const trailer = readTrailer(headers);
  if (checksum !== undefined && trailer !== undefined) {
    throw invalid("Expecting a single x-amz-checksum- header, not a header and a trailer.");
  }
  const carried =
    checksum?.algorithm ?? (trailer === undefined ? undefined : checksumAlgorithmOfHeader(trailer));
  const wanted = readWanted(headers, carried);
  return {
    ...(wanted === undefined ? {} : { algorithm: wanted }),
    ...(checksum === undefined ? {} : { checksum }),
    ...(trailer === undefined ? {} : { trailer }),
    ...readContentMd5(headers),
  };
}

/** The algorithm to compute: the SDKs' header promises a checksum, the other one asks for it. */
function readWanted(
  headers: IncomingHttpHeaders,
  carried: ChecksumAlgorithm | undefined,
): ChecksumAlgorithm | undefined {
  const promised = readAlgorithmName(headers["x-amz-sdk-checksum-algorithm"]);
  if (promised !== undefined && carried !== promised) {
    throw invalid("x-amz-sdk-checksum-algorithm names a checksum that the request does not carry.");
  }
  const asked = readAlgorithmName(headers["x-amz-checksum-algorithm"]) ?? carried;
  if (carried !== undefined && carried !== asked) {
    throw invalid("x-amz-checksum-algorithm names another checksum than the request carries.");
  }
  return asked;
}

/** `Content-MD5` alone, where the checksum headers speak of something else than the body. */
export function readContentMd5(headers: IncomingHttpHeaders): Pick<Digests, "md5"> {
  const md5 = headers["content-md5"];
  return typeof md5 === "string" ? { md5: decodeContentMd5(md5).toString("hex") } : {};
}

/** The algorithm that a header names; `InvalidRequest` for one that does not exist. */
export function readAlgorithmName(
  value: string | string[] | undefined,
): ChecksumAlgorithm | undefined {
  if (value === undefined) return undefined;
  const named = checksumAlgorithms.find(
    (algorithm) => typeof value === "string" && algorithm === value.toUpperCase(),
  );
  if (named === undefined) throw invalid("The checksum algorithm is not one that is supported.");
  return named;
}

/** Throws `BadDigest` when what was computed is not what the client said, ahead or in a trailer. */
export function admit(
  { md5, checksum, trailer }: Digests,
  computed: Computed,
  trailers: ReadonlyMap<string, string>,
): void {
  if (md5 !== undefined && md5 !== computed.md5) throw badDigest("Content-MD5", md5, computed.md5);
  const { algorithm } = computed.checksum;
  const said = trailer === undefined ? checksum?.value : trailers.get(trailer);
  if (said === undefined) {
    // Announced, and then left out: nothing has vouched for the bytes.
    if (trailer !== undefined) throw s3Error("MalformedTrailerError");
    return;
  }
  const expected = decodeChecksum(algorithm, said).toString("base64");
  if (expected !== computed.checksum.value) {
    throw badDigest(checksumHeader(algorithm), expected, computed.checksum.value);
  }
}

function readChecksumHeader(headers: IncomingHttpHeaders): Digests["checksum"] {
  const found = checksumAlgorithms.filter(
    (algorithm) => headers[checksumHeader(algorithm)] !== undefined,
  );
  const [algorithm] = found;
  if (algorithm === undefined) return undefined;
  if (found.length > 1) throw invalid("Expecting a single x-amz-checksum- header.");
  const value = String(headers[checksumHeader(algorithm)]);
  return { algorithm, value: decodeChecksum(algorithm, value).toString("base64") };
}

function readTrailer(headers: IncomingHttpHeaders): string | undefined {
  const announced = announcedTrailers({ headers });
  if (announced.length === 0) return undefined;
  const [name = ""] = announced;
  if (announced.length > 1) throw invalid("Expecting a single x-amz-checksum- trailer.");
  if (checksumAlgorithmOfHeader(name) === undefined) {
    throw invalid("x-amz-trailer names no checksum that is supported.");
  }
  return name;
}

function badDigest(what: string, expected: string, calculated: string): S3Error {
  return s3Error("BadDigest", undefined, {
    message: `The ${what} you specified did not match the calculated checksum.`,
    extra: { CalculatedDigest: calculated, ExpectedDigest: expected },
  });
}

function invalid(message: string): S3Error {
  return s3Error("InvalidRequest", undefined, { message, reason: "bad_checksum_header" });
}
