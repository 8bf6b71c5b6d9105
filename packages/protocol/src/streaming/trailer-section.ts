import { s3Error } from "../errors/s3-error.ts";
import type { ChunkVerifier } from "../sigv4/chunk-verifier.ts";

const signatureName = "x-amz-trailer-signature";
const announcedMax = 16;

/** The trailers of one body, line by line, held against those announced in `x-amz-trailer`. */
export class TrailerSection {
  readonly #announced: ReadonlySet<string>;
  readonly #signer: ChunkVerifier | undefined;
  readonly #trailers = new Map<string, string>();
  #signature: string | undefined;

  /** `MalformedTrailerError` when the announcement itself cannot be met. */
  constructor(announced: readonly string[], signer: ChunkVerifier | undefined) {
    this.#announced = new Set(announced);
    this.#signer = signer;
    if (this.#announced.size !== announced.length || announced.length > announcedMax) {
      throw malformedTrailer("malformed_announcement");
    }
    if (
      !announced.every((name) => /^[a-z0-9-]{1,64}$/.test(name)) ||
      this.#announced.has(signatureName)
    ) {
      throw malformedTrailer("malformed_announcement");
    }
  }

  /** Takes one line without its CRLF: `name:value`. */
  add(line: string): void {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    // The signature covers what stands before it, so nothing may follow.
    if (this.#signature !== undefined) throw malformedTrailer("trailer_after_signature");
    if (name === signatureName && this.#signer !== undefined) {
      if (!/^[0-9a-f]{64}$/.test(value)) throw malformedTrailer("malformed_trailer_signature");
      this.#signature = value;
      return;
    }
    if (!this.#announced.has(name)) throw malformedTrailer("unannounced_trailer");
    if (this.#trailers.has(name)) throw malformedTrailer("repeated_trailer");
    if (!/^[\x21-\x7e]+$/.test(value)) throw malformedTrailer("malformed_trailer_value");
    this.#trailers.set(name, value);
  }

  /** After the empty line: all that was announced is here, and signed where it must be. */
  finish(): ReadonlyMap<string, string> {
    if (this.#trailers.size !== this.#announced.size) throw malformedTrailer("missing_trailer");
    if (this.#signer === undefined) return this.#trailers;
    if (this.#signature === undefined) throw malformedTrailer("missing_trailer_signature");
    this.#signer.verifyTrailers(this.#trailers, this.#signature);
    return this.#trailers;
  }
}

function malformedTrailer(reason: string): Error {
  return s3Error("MalformedTrailerError", undefined, { reason });
}
