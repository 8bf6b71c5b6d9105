import { open, type FileHandle } from "node:fs/promises";

const chunkBytes = 64 * 1024;
/** What is longer is no row of ours, and is passed over. */
const lineBytesMax = 256 * 1024;
const lineEnd = 0x0a;

export type Direction = "forward" | "backward";

/** The whole lines of a file, as far as it goes now. What a stop tore off is no whole line. */
export async function* linesOf(path: string, direction: Direction): AsyncGenerator<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (direction === "forward") yield* forward(file, size);
    else yield* backward(file, size);
  } finally {
    await file.close();
  }
}

async function* forward(file: FileHandle, size: number): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for (let at = 0; at < size; at += chunkBytes) {
    const chunk = await readAt(file, at, Math.min(chunkBytes, size - at));
    const text = Buffer.concat([rest, chunk]);
    const end = text.lastIndexOf(lineEnd);
    if (end !== -1) yield* text.toString("utf8", 0, end).split("\n");
    rest = bounded(text.subarray(end + 1));
  }
}

async function* backward(file: FileHandle, size: number): AsyncGenerator<string> {
  // From the second line end, counted from behind, on: what follows the last one is not whole.
  let rest: Buffer | undefined;
  for (let end = size; end > 0; end -= chunkBytes) {
    const start = Math.max(0, end - chunkBytes);
    const chunk = await readAt(file, start, end - start);
    let text: Buffer = rest === undefined ? chunk : Buffer.concat([chunk, rest]);
    if (rest === undefined) {
      const last = text.lastIndexOf(lineEnd);
      if (last === -1) continue;
      text = text.subarray(0, last);
    }
    const first = start === 0 ? 0 : text.indexOf(lineEnd) + 1;
    if (first > 0 || start === 0) {
      yield* text.toString("utf8", first).split("\n").toReversed();
      rest = text.subarray(0, Math.max(0, first - 1));
    } else {
      rest = bounded(text);
    }
  }
}

function bounded(rest: Buffer): Buffer {
  return rest.length > lineBytesMax ? rest.subarray(0, 0) : rest;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read({ buffer, position });
  return buffer.subarray(0, bytesRead);
}
