import { s3Error } from "@holdfast/protocol";
import type { Fs, FsFile } from "../disk/fs.ts";
import {
  blockBytes,
  blocksAreSound,
  decodeFooter,
  footerBytes,
  type BlobShape,
} from "./blob-format.ts";
import { givePieceBuffer, pieceBytes, takePieceBuffer } from "./piece-buffers.ts";

export interface BlobRead extends BlobShape {
  readonly fs: Fs;
  readonly path: string;
  /** First and last byte, both inclusive, within the blob. */
  readonly start: number;
  readonly end: number;
}

/**
 * The bytes of a range, each block verified before a byte of it is yielded; a damaged one throws. What
 * was yielded is overwritten once the next is asked for or the reading ends.
 */
export async function* readBlob(read: BlobRead): AsyncGenerator<Buffer> {
  const from = Math.floor(read.start / blockBytes) * blockBytes;
  const file = await read.fs.open(read.path, "read");
  try {
    if (read.length - from <= pieceBytes) yield* readTail(file, read, from);
    else yield* readPieces(file, read, from);
  } finally {
    await file.close();
  }
}

/** From a block's start to the end of the file in one go: what most objects need. */
async function* readTail(file: FsFile, read: BlobRead, from: number): AsyncGenerator<Buffer> {
  const buffer = takePieceBuffer();
  try {
    const footerLength = footerBytes(read.length);
    const into = buffer.subarray(0, read.length - from + footerLength);
    const bytes = await readExactly(file, from, into);
    const crcs = decodeFooter(read, bytes.subarray(bytes.length - footerLength));
    const blocks = bytes.subarray(0, bytes.length - footerLength);
    yield verified(blocks, crcs, { ...read, from });
  } finally {
    givePieceBuffer(buffer);
  }
}

async function* readPieces(file: FsFile, read: BlobRead, from: number): AsyncGenerator<Buffer> {
  const footer = Buffer.allocUnsafe(footerBytes(read.length));
  const crcs = decodeFooter(read, await readExactly(file, read.length, footer));
  const pieceAt = (at: number, buffer: Buffer): Promise<Buffer> | undefined =>
    at > read.end
      ? undefined
      : readExactly(file, at, buffer.subarray(0, Math.min(pieceBytes, read.length - at)));
  // One is with the reader while the other is filled.
  let [filling, next] = [takePieceBuffer(), takePieceBuffer()];
  let ahead = pieceAt(from, filling);
  try {
    for (let at = from; ahead !== undefined; at += pieceBytes) {
      const blocks = await ahead;
      [filling, next] = [next, filling];
      ahead = pieceAt(at + pieceBytes, filling);
      // Its failure is met when its turn comes, or not at all when the reader has left by then.
      ahead?.catch(() => undefined);
      yield verified(blocks, crcs, { ...read, from: at });
    }
  } finally {
    await ahead?.catch(() => undefined);
    givePieceBuffer(filling);
    givePieceBuffer(next);
  }
}

async function readExactly(file: FsFile, position: number, into: Buffer): Promise<Buffer> {
  if ((await file.read(into, position)) < into.length) throw corruptBlock();
  return into;
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
