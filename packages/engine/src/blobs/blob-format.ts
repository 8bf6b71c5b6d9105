import { crc32c } from "../checksums/crc32c.ts";

/**
 * A blob file: the bytes from offset 0, then the CRC-32C of each block, then a trailer: magic, blob
 * number, length, block size, CRC of the block CRCs, CRC of the trailer.
 */
const magic = Buffer.from("HFBLOB01", "latin1");

/** Bytes that one CRC covers; the last block of a blob may be shorter. */
export const blockBytes = 64 * 1024;

const trailerBytes = 36;

/** How long what follows the bytes of a blob is. */
export function footerBytes(length: number): number {
  return Math.ceil(length / blockBytes) * 4 + trailerBytes;
}

/** Appends to `crcs` those of the blocks of `bytes`, which begin at a block's start. */
export function blockCrcs(bytes: Buffer, crcs: number[]): void {
  for (let at = 0; at < bytes.length; at += blockBytes) {
    crcs.push(crc32c(bytes.subarray(at, at + blockBytes)));
  }
}

/** What a footer says of. */
export interface BlobShape {
  readonly blob: number;
  readonly length: number;
}

export function encodeFooter({ blob, length }: BlobShape, crcs: readonly number[]): Buffer {
  const footer = Buffer.alloc(crcs.length * 4 + trailerBytes);
  for (const [index, crc] of crcs.entries()) footer.writeUInt32LE(crc, index * 4);
  const trailer = footer.subarray(crcs.length * 4);
  magic.copy(trailer, 0);
  trailer.writeBigUInt64LE(BigInt(blob), 8);
  trailer.writeBigUInt64LE(BigInt(length), 16);
  trailer.writeUInt32LE(blockBytes, 24);
  trailer.writeUInt32LE(crc32c(footer.subarray(0, crcs.length * 4)), 28);
  trailer.writeUInt32LE(crc32c(trailer.subarray(0, 32)), 32);
  return footer;
}

/** The block CRCs, 4 bytes each, or undefined when this is not the whole footer of that blob. */
export function decodeFooter(shape: BlobShape, footer: Buffer): Buffer | undefined {
  if (footer.length !== footerBytes(shape.length)) return undefined;
  const crcs = footer.subarray(0, footer.length - trailerBytes);
  const trailer = footer.subarray(crcs.length);
  const sound =
    trailer.subarray(0, 8).equals(magic) &&
    trailer.readUInt32LE(32) === crc32c(trailer.subarray(0, 32)) &&
    trailer.readBigUInt64LE(8) === BigInt(shape.blob) &&
    trailer.readBigUInt64LE(16) === BigInt(shape.length) &&
    trailer.readUInt32LE(24) === blockBytes &&
    trailer.readUInt32LE(28) === crc32c(crcs);
  return sound ? crcs : undefined;
}

/** Whether blocks, the first of them number `first`, are what their CRCs say. */
export function blocksAreSound(blocks: Buffer, crcs: Buffer, first: number): boolean {
  for (let at = 0, index = first; at < blocks.length; at += blockBytes, index += 1) {
    if (crcs.readUInt32LE(index * 4) !== crc32c(blocks.subarray(at, at + blockBytes))) return false;
  }
  return true;
}
