import { hash } from "node:crypto";
import {
  checksumAlgorithmOfHeader,
  checksumBytes,
  chunkChain,
  chunkedLength,
  ChunkedEncoder,
  payloadModes,
  type SigningOptions,
  type XmlField,
} from "@holdfast/protocol";
import type { BodyPieces } from "@holdfast/client/transport";
import type { Digests } from "../body/digests.ts";
import type { Payload } from "../body/payload.ts";
import { verifiedBody } from "./verified-body.ts";

/** Headers of a request as they were signed. */
type Signed = Readonly<Record<string, string>>;

/** A body on its way to an upstream. */
export interface OutgoingBody {
  /** What `x-amz-content-sha256` says of it. */
  readonly payload: string;
  /** In bytes as it travels; undefined when there is none. */
  readonly length: number | undefined;
  /** What else the request's headers have to say of it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its bytes, again for each try; a stream that was begun cannot be had a second time. */
  open(signed: Signed, signing: SigningOptions): Buffer | BodyPieces | undefined;
  /** They are not the client's, whose digests hold for its own alone. */
  readonly isRewritten: boolean;
  /** What the client is told beside what the upstream answers. */
  readonly refused: readonly XmlField[];
  /** Why it broke off, when that was not the upstream's doing. */
  readonly failure: unknown;
}

const emptySha256 = hash("sha256", "");

export const noBody: OutgoingBody = {
  payload: emptySha256,
  length: undefined,
  headers: {},
  open: () => undefined,
  isRewritten: false,
  refused: [],
  failure: undefined,
};

/** A body that is at hand and was verified. */
export function wholeBody(bytes: Buffer): OutgoingBody {
  return {
    ...noBody,
    payload: hash("sha256", bytes),
    length: bytes.length,
    open: () => bytes,
  };
}

/** As much as one write takes; signed ones need 8 KiB. */
const chunkBytes = 64 * 1024;

interface StreamOptions {
  readonly digests: Digests;
  /** What the client signed the body for, where it did. */
  readonly sha256: string | undefined;
  readonly isSecure: boolean;
  /** The upstream knows checksums behind a body. */
  readonly takesTrailers: boolean;
  /** The object's own, without `aws-chunked`. */
  readonly contentEncoding: string | undefined;
}

/**
 * A body that is passed on while it comes, and verified before its last piece leaves. It is never bound to the signature
 * more loosely than the connection allows: by the client's own hash; behind TLS or with a checksum ahead by nothing more; else by
 * signatures of its chunks.
 */
export class StreamedBody implements OutgoingBody {
  readonly payload: string;
  readonly length: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #source: Payload;
  readonly #digests: Digests;
  readonly isRewritten = false;
  readonly refused = [];
  failure: unknown;

  constructor(source: Payload, options: StreamOptions) {
    this.#source = source;
    this.#digests = options.digests;
    this.payload = payloadMode(options);
    const { headers, length } = framed(source.size, this.payload, options);
    this.headers = headers;
    this.length = length;
  }

  async *open(
    signed: Signed,
    signing: SigningOptions,
  ): AsyncGenerator<Buffer | readonly Buffer[], void, undefined> {
    const framing = framings.get(this.payload);
    try {
      const pieces = verifiedBody(this.#source, this.#digests);
      if (framing === undefined) {
        yield* pieces;
        return;
      }
      const { trailer } = framing;
      const chain = framing.signed ? { chain: chunkChain(signed, signing) } : {};
      const encoder = new ChunkedEncoder({ ...chain, trailer, chunkBytes });
      for await (const piece of pieces) yield encoder.write(piece);
      yield encoder.end(trailer ? this.#source.trailers : undefined);
    } catch (cause) {
      this.failure = cause;
      throw cause;
    }
  }
}

interface Framing {
  readonly signed: boolean;
  readonly trailer: boolean;
}

/** Of the modes that have one. */
const framings: ReadonlyMap<string, Framing> = new Map([
  [payloadModes.signedChunks, { signed: true, trailer: false }],
  [payloadModes.signedChunksTrailer, { signed: true, trailer: true }],
  [payloadModes.unsignedChunksTrailer, { signed: false, trailer: true }],
]);

/** What a body's headers say of its framing, and how long it gets. */
function framed(
  size: number,
  payload: string,
  { digests, contentEncoding }: StreamOptions,
): { headers: Record<string, string>; length: number } {
  const framing = framings.get(payload);
  if (framing === undefined) return { headers: {}, length: size };
  const headers: Record<string, string> = {
    "content-encoding":
      contentEncoding === undefined ? "aws-chunked" : `aws-chunked,${contentEncoding}`,
    "x-amz-decoded-content-length": String(size),
  };
  const trailers = new Map<string, string>();
  if (framing.trailer && digests.trailer !== undefined) {
    headers["x-amz-trailer"] = digests.trailer;
    trailers.set(digests.trailer, "=".repeat(valueLength(digests.trailer)));
  }
  return { headers, length: chunkedLength(size, { ...framing, chunkBytes, trailers }) };
}

function payloadMode({ digests, sha256, isSecure, takesTrailers }: StreamOptions): string {
  if (sha256 !== undefined) return sha256;
  if (digests.trailer !== undefined && takesTrailers) {
    return isSecure ? payloadModes.unsignedChunksTrailer : payloadModes.signedChunksTrailer;
  }
  const isBound = isSecure || digests.checksum !== undefined || digests.md5 !== undefined;
  return isBound ? payloadModes.unsigned : payloadModes.signedChunks;
}

/** Base64 of a digest of its algorithm. */
function valueLength(trailer: string): number {
  const algorithm = checksumAlgorithmOfHeader(trailer);
  return algorithm === undefined ? 0 : Math.ceil(checksumBytes(algorithm) / 3) * 4;
}
