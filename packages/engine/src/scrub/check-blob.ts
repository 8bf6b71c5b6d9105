import { blockBytes, blocksAreSound, decodeFooter, footerBytes } from "../blobs/blob-format.ts";
import type { Fs, FsFile } from "../disk/fs.ts";
import type { Pace } from "../disk/pace.ts";
import type { ByteRange } from "./finding.ts";

interface CheckBlob {
  readonly fs: Fs;
  readonly path: string;
  readonly blob: number;
  readonly pace: Pace;
  /** Given every byte of the file, sound or not, with its position. */
  readonly each?: (bytes: Buffer, position: number) => Promise<void>;
}

/** What a blob's file holds. */
export interface CheckedBlob {
  readonly bytes: number;
  readonly sound: boolean;
  /** The blocks that are damaged, runs of them as one. */
  readonly ranges: readonly ByteRange[];
}

const pieceBytes = 1024 * 1024;

/** Reads a whole blob and verifies every block of it; rejects when the disk does not give it back. */
export async function checkBlob(check: CheckBlob): Promise<CheckedBlob> {
  const { fs, path, blob, pace, each } = check;
  const file = await fs.open(path, "read");
  try {
    const size = await file.size();
    const length = bodyLength(size);
    const footer = await read(file, length, size - length);
    await pace.spend(footer.length);
    const crcs = decodeFooter({ blob, length }, footer);
    const ranges: ByteRange[] = [];
    for (let at = 0; at < length; at += pieceBytes) {
      const piece = await read(file, at, Math.min(pieceBytes, length - at));
      await pace.spend(piece.length);
      if (crcs !== undefined) findDamage({ piece, crcs, at }, ranges);
      await each?.(piece, at);
    }
    await each?.(footer, length);
    return { bytes: size, sound: crcs !== undefined && ranges.length === 0, ranges };
  } finally {
    await file.close();
  }
}

interface Piece {
  readonly piece: Buffer;
  readonly crcs: Buffer;
  /** Where in the blob it begins. */
  readonly at: number;
}

function findDamage({ piece, crcs, at }: Piece, ranges: ByteRange[]): void {
  for (let from = 0; from < piece.length; from += blockBytes) {
    const block = piece.subarray(from, from + blockBytes);
    if (blocksAreSound(block, crcs, (at + from) / blockBytes)) continue;
    extend(ranges, { start: at + from, end: at + from + block.length - 1 });
  }
}

/** Of a file this long: what is left when each block's CRC and the trailer are taken away. */
function bodyLength(size: number): number {
  const withCrcs = Math.max(0, size - footerBytes(0));
  return Math.max(0, withCrcs - Math.ceil(withCrcs / (blockBytes + 4)) * 4);
}

async function read(file: FsFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  return bytes.subarray(0, await file.read(bytes, position));
}

function extend(ranges: ByteRange[], next: ByteRange): void {
  const last = ranges.at(-1);
  if (last !== undefined && last.end + 1 === next.start) {
    ranges[ranges.length - 1] = { start: last.start, end: next.end };
  } else {
    ranges.push(next);
  }
}
