import { createCipheriv, createHash } from "node:crypto";

const pieceBytes = 64 * 1024;

/** The one stream that every object of the probe is a beginning of, so many bytes of it: what is cut or mixed is found. */
export function* knownPieces(bytes: number): Generator<Buffer, void, undefined> {
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, "known"), Buffer.alloc(16));
  const zeros = Buffer.alloc(pieceBytes);
  for (let made = 0; made < bytes; made += pieceBytes) {
    yield cipher.update(zeros.subarray(0, Math.min(pieceBytes, bytes - made)));
  }
}

/** What is told of bytes: enough to know them again. */
export interface Digest {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The digest of so many of the known bytes. */
export function knownDigest(bytes: number): Digest {
  const hash = createHash("sha256");
  for (const piece of knownPieces(bytes)) hash.update(piece);
  return { bytes, sha256: hash.digest("hex") };
}

/** Reads to the end. */
export async function digestOf(pieces: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}
