import { s3Error } from "../errors/s3-error.ts";
import type { AuthFailureReason } from "./auth-failures.ts";
import type { ChunkChain, ChunkSignature } from "./chunk-chain.ts";
import { isSameSignature } from "./string-to-sign.ts";

/** Holds the signatures of one body against those that its verified request demands. */
export class ChunkVerifier {
  readonly #chain: ChunkChain;
  readonly #accessKeyId: string;

  constructor(chain: ChunkChain, accessKeyId: string) {
    this.#chain = chain;
    this.#accessKeyId = accessKeyId;
  }

  /** `SignatureDoesNotMatch` unless this signs the next chunk, whose SHA-256 in hex is given. */
  verifyChunk(sha256: string, provided: string): void {
    this.#check(this.#chain.chunk(sha256), provided);
  }

  /** `SignatureDoesNotMatch` unless this signs these trailers, in the order of the wire. */
  verifyTrailers(
    trailers: Iterable<readonly [name: string, value: string]>,
    provided: string,
  ): void {
    this.#check(this.#chain.trailers(trailers), provided);
  }

  #check(computed: ChunkSignature, provided: string): void {
    if (isSameSignature(computed.signature, provided)) return;
    throw s3Error(
      "SignatureDoesNotMatch",
      {
        AWSAccessKeyId: this.#accessKeyId,
        StringToSign: computed.stringToSign,
        SignatureProvided: provided,
      },
      { reason: "chunk_signature_mismatch" satisfies AuthFailureReason },
    );
  }
}
