import { blockBytes, footerBytes } from "./blob-format.ts";

/** Bytes of a blob that are read, hashed and written at a time: whole blocks. */
export const pieceBytes: number = 16 * blockBytes;

/** Holds a piece, or the whole of a blob that is no longer than one. */
const bufferBytes = pieceBytes + footerBytes(pieceBytes);

/** Kept between uses; as many as are asked for can be out at once. */
const idleMax = 16;

const idle: Buffer[] = [];

/**
 * Shared memory for one piece and a footer, with whatever its last user left in it. Fresh memory costs a
 * page fault for each 4 KiB of it and a garbage collection in the end: more than the disk's read.
 */
export function takePieceBuffer(): Buffer {
  return idle.pop() ?? Buffer.from(new SharedArrayBuffer(bufferBytes));
}

/** Gives memory back once: nobody may look at it any more, nor any call of the system. */
export function givePieceBuffer(buffer: Buffer): void {
  if (idle.length < idleMax) idle.push(buffer);
}
