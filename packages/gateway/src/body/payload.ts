import { createHash } from "node:crypto";
import { ChunkedDecoder, s3Error, type S3Error } from "@holdfast/protocol";
import type { Authorized } from "../context.ts";

/** The bytes that a request is about, freed of their framing and bound to the signature. */
export interface Payload {
  /** Throws, at the latest after the last byte, when the bytes are not those that were signed. */
  readonly body: AsyncIterable<Buffer>;
  /** What `body` will yield, as the request declares it. */
  readonly size: number;
  /** By lower-case name; complete once `body` has ended. */
  readonly trailers: ReadonlyMap<string, string>;
}

/** Opens the body of an authorized request. `MissingContentLength` when its length is not declared. */
export function openPayload(request: Authorized): Payload {
  const { payload, incoming } = request;
  if (payload.kind === "chunked") return openChunked(request);
  const size = incoming.contentLength;
  // Zero has to be said, and the end of a chunked body is too late to know.
  if (size === undefined) throw s3Error("MissingContentLength");
  const body = payload.kind === "hashed" ? hashed(incoming, payload.sha256) : incoming;
  return { body, size, trailers: new Map() };
}

function openChunked(request: Authorized): Payload {
  const { payload, headers, incoming } = request;
  if (payload.kind !== "chunked") throw new TypeError("not a chunked payload");
  const decodedLength = readDecodedLength(headers["x-amz-decoded-content-length"]);
  const trailers = new Map<string, string>();
  const { signer, trailer } = payload;
  const options = { trailer, decodedLength, announced: announcedTrailers(request) };
  const decoder = new ChunkedDecoder(signer === undefined ? options : { ...options, signer });
  return { body: decoded(incoming, decoder, trailers), size: decodedLength, trailers };
}

/** The names in `x-amz-trailer`, in lower case. */
export function announcedTrailers({ headers }: Pick<Authorized, "headers">): string[] {
  const value = headers["x-amz-trailer"];
  if (typeof value !== "string") return [];
  return value.split(",").map((name) => name.trim().toLowerCase());
}

function readDecodedLength(value: string | string[] | undefined): number {
  if (typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
  throw s3Error("MissingContentLength", undefined, { reason: "bad_decoded_length" });
}

async function* decoded(
  incoming: AsyncIterable<Buffer>,
  decoder: ChunkedDecoder,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const bytes of incoming) yield* decoder.write(bytes);
  for (const [name, value] of decoder.end()) trailers.set(name, value);
}

async function* hashed(
  incoming: AsyncIterable<Buffer>,
  expected: string,
): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash("sha256");
  for await (const bytes of incoming) {
    hash.update(bytes);
    yield bytes;
  }
  const computed = hash.digest("hex");
  if (computed !== expected) throw contentMismatch(expected, computed);
}

function contentMismatch(expected: string, computed: string): S3Error {
  return s3Error("XAmzContentSHA256Mismatch", {
    ClientComputedContentSHA256: expected,
    S3ComputedContentSHA256: computed,
  });
}
