import { createHash } from "node:crypto";
import type { ChunkChain } from "../sigv4/chunk-chain.ts";

/** How a body is to be framed; the counterpart of the decoder's options. */
export interface ChunkedEncoderOptions {
  /** Present for the two modes whose chunks are signed. */
  readonly chain?: ChunkChain;
  /** Whether the mode is one with trailers. */
  readonly trailer: boolean;
  /** Of each chunk but the last; at least 8,192 when signed. */
  readonly chunkBytes: number;
}

/** Frames a payload as aws-chunked, in chunks of one size, holding at most one of them. */
export class ChunkedEncoder {
  readonly #options: ChunkedEncoderOptions;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(options: ChunkedEncoderOptions) {
    this.#options = options;
    if (options.chain !== undefined && options.chunkBytes < 8192) {
      throw new RangeError("signed chunks have at least 8192 bytes");
    }
    if (!Number.isInteger(options.chunkBytes) || options.chunkBytes < 1) {
      throw new RangeError("chunkBytes must be a positive integer");
    }
  }

  /** Takes payload and returns what can be sent of it so far. */
  write(payload: Buffer): Buffer[] {
    const { chunkBytes } = this.#options;
    const wire: Buffer[] = [];
    let offset = 0;
    while (this.#heldBytes + payload.length - offset >= chunkBytes) {
      const end = offset + chunkBytes - this.#heldBytes;
      this.#hold(payload.subarray(offset, end));
      offset = end;
      wire.push(...this.#takeChunk());
    }
    if (offset < payload.length) this.#hold(payload.subarray(offset));
    return wire;
  }

  /** The rest, the last chunk, and the trailers by lower-case name. */
  end(trailers: ReadonlyMap<string, string> = new Map()): Buffer[] {
    const wire = this.#heldBytes > 0 ? this.#takeChunk() : [];
    let tail = this.#header(0, []);
    if (this.#options.trailer) {
      for (const [name, value] of trailers) tail += `${name}:${value}\r\n`;
      const signed = this.#options.chain?.trailers(trailers);
      if (signed !== undefined) tail += `x-amz-trailer-signature:${signed.signature}\r\n`;
    }
    wire.push(Buffer.from(`${tail}\r\n`, "latin1"));
    return wire;
  }

  #hold(payload: Buffer): void {
    this.#held.push(payload);
    this.#heldBytes += payload.length;
  }

  #takeChunk(): Buffer[] {
    const chunk = this.#held;
    const header = this.#header(this.#heldBytes, chunk);
    this.#held = [];
    this.#heldBytes = 0;
    return [Buffer.from(header, "latin1"), ...chunk, Buffer.from("\r\n")];
  }

  #header(size: number, chunk: readonly Buffer[]): string {
    const { chain } = this.#options;
    if (chain === undefined) return `${size.toString(16)}\r\n`;
    const hash = createHash("sha256");
    for (const piece of chunk) hash.update(piece);
    return `${size.toString(16)};chunk-signature=${chain.chunk(hash.digest("hex")).signature}\r\n`;
  }
}

/** How long a body becomes when it is framed: what `content-length` has to say, in bytes. */
export function chunkedLength(
  payloadBytes: number,
  options: {
    readonly signed: boolean;
    readonly trailer: boolean;
    readonly chunkBytes: number;
    readonly trailers?: ReadonlyMap<string, string>;
  },
): number {
  const { signed, chunkBytes, trailers = new Map<string, string>() } = options;
  const signatureBytes = signed ? ";chunk-signature=".length + 64 : 0;
  const framed = (size: number): number =>
    size.toString(16).length + signatureBytes + 2 + size + (size > 0 ? 2 : 0);
  const whole = Math.floor(payloadBytes / chunkBytes);
  const rest = payloadBytes - whole * chunkBytes;
  let length = whole * framed(chunkBytes) + (rest > 0 ? framed(rest) : 0) + framed(0) + 2;
  if (!options.trailer) return length;
  for (const [name, value] of trailers) length += name.length + value.length + 3;
  return signed ? length + "x-amz-trailer-signature:".length + 66 : length;
}
