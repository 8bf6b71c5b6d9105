import { s3Error } from "@holdfast/protocol";
import type { Fs, FsFile } from "../disk/fs.ts";
import {
  blockBytes,
  blocksAreSound,
  decodeFooter,
  footerBytes,
  type BlobShape,
} from "./blob-format.ts";

/** Bytes read and verified at a time. */
const pieceBytes = 1024 * 1024;

export interface BlobRead extends BlobShape {
  readonly fs: Fs;
  readonly path: string;
  /** First and last byte, both inclusive, within the blob. */
  readonly start: number;
  readonly end: number;
}

/** The bytes of a range, each block verified before a byte of it is yielded; a damaged one throws. */
export async function* readBlob(read: BlobRead): AsyncGenerator<Buffer> {
  const from = Math.floor(read.start / blockBytes) * blockBytes;
  const file = await read.fs.open(read.path, "read");
  try {
    if (read.length - from <= pieceBytes) yield await readTail(file, read, from);
    else yield* readPieces(file, read, from);
  } finally {
    await file.close();
  }
}

/** From a block's start to the end of the file in one go: what most objects need. */
async function readTail(file: FsFile, read: BlobRead, from: number): Promise<Buffer> {
  const footerLength = footerBytes(read.length);
  const bytes = await readExactly(file, from, read.length - from + footerLength);
  const crcs = decodeFooter(read, bytes.subarray(bytes.length - footerLength));
  const blocks = bytes.subarray(0, bytes.length - footerLength);
  return verified(blocks, crcs, { ...read, from });
}

async function* readPieces(file: FsFile, read: BlobRead, from: number): AsyncGenerator<Buffer> {
  const crcs = decodeFooter(read, await readExactly(file, read.length, footerBytes(read.length)));
  const pieceAt = (at: number): Promise<Buffer> | undefined =>
    at > read.end ? undefined : readExactly(file, at, Math.min(pieceBytes, read.length - at));
  let ahead = pieceAt(from);
  try {
    for (let at = from; ahead !== undefined; at += pieceBytes) {
      const blocks = await ahead;
      ahead = pieceAt(at + pieceBytes);
      // Its failure is met when its turn comes, or not at all when the reader has left by then.
      ahead?.catch(() => undefined);
      yield verified(blocks, crcs, { ...read, from: at });
    }
  } finally {
    await ahead?.catch(() => undefined);
  }
}

async function readExactly(file: FsFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  if ((await file.read(bytes, position)) < length) throw corruptBlock();
  return bytes;
}

function verified(
  blocks: Buffer,
  crcs: Buffer | undefined,
  { from, start, end }: BlobRead & { readonly from: number },
): Buffer {
  if (crcs === undefined || !blocksAreSound(blocks, crcs, from / blockBytes)) throw corruptBlock();
  return blocks.subarray(Math.max(0, start - from), end - from + 1);
}

function corruptBlock(): Error {
  return s3Error("InternalError", undefined, { reason: "corrupt_block" });
}
