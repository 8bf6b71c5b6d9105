import { createHash } from "node:crypto";
import type { CredentialScope } from "./credential-scope.ts";
import { signText } from "./string-to-sign.ts";

const emptySha256 = createHash("sha256").digest("hex");

/** A signature of the chain, and what it was made over. */
export interface ChunkSignature {
  readonly signature: string;
  readonly stringToSign: string;
}

/**
 * The chained signatures of one aws-chunked body: each is made over the one before it, the first over
 * the request's own (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html).
 */
export class ChunkChain {
  readonly #key: Buffer;
  readonly #context: string;
  #previous: string;

  constructor(options: {
    readonly key: Buffer;
    readonly amzDate: string;
    readonly scope: CredentialScope;
    /** The signature of the request that the body belongs to. */
    readonly seed: string;
  }) {
    this.#key = options.key;
    this.#context = `${options.amzDate}\n${options.scope.text}`;
    this.#previous = options.seed;
  }

  /** Signs the next chunk, given the SHA-256 of its payload in hex; the last chunk is empty. */
  chunk(sha256: string): ChunkSignature {
    return this.#next("AWS4-HMAC-SHA256-PAYLOAD", `${emptySha256}\n${sha256}`);
  }

  /** Signs the trailers that follow the last chunk, in the order of the wire. */
  trailers(trailers: Iterable<readonly [name: string, value: string]>): ChunkSignature {
    const hash = createHash("sha256");
    for (const [name, value] of trailers) hash.update(`${name}:${value}\n`, "latin1");
    return this.#next("AWS4-HMAC-SHA256-TRAILER", hash.digest("hex"));
  }

  #next(kind: string, digests: string): ChunkSignature {
    const stringToSign = `${kind}\n${this.#context}\n${this.#previous}\n${digests}`;
    const signature = signText(this.#key, stringToSign);
    this.#previous = signature;
    return { signature, stringToSign };
  }
}
