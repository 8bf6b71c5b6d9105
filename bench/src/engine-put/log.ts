import { open, type FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { Contender } from "./contender.ts";

/** Length and CRC-32 of what follows: as little as a reader of the log can do with. */
const headerBytes = 8;

/** Bytes that a log written ahead is filled with; no run of one round writes more. */
const aheadBytes = 256 * 1024 * 1024;

interface Waiting {
  readonly bytes: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Appends to a file that grows; all that wait share one write and one sync. Keeps no key and no index. */
export async function openLog(path: string): Promise<Contender> {
  const file = await open(path, "wx");
  return { name: "log", ...appending(file, 0) };
}

/** The same over a file that was filled with zeros before, so that no sync has a length to write down. */
export async function openZeroedLog(path: string): Promise<Contender> {
  const file = await open(path, "wx");
  const zeros = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < aheadBytes; at += zeros.length) {
    await file.write(zeros, 0, zeros.length, at);
  }
  await file.datasync();
  return { name: "zeroed log", ...appending(file, aheadBytes) };
}

function appending(file: FileHandle, length: number): Omit<Contender, "name"> {
  let waiting: Waiting[] = [];
  let end = 0;
  let isRunning = false;
  const flush = async (batch: readonly Waiting[]): Promise<void> => {
    const frame = encode(batch);
    // Begins anew where the zeros end: what a log written ahead costs is the question, not its making.
    if (length > 0 && end + frame.length > length) end = 0;
    await file.write(frame, 0, frame.length, end);
    await file.datasync();
    end += frame.length;
  };
  const run = async (): Promise<void> => {
    isRunning = true;
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await flush(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isRunning = false;
  };
  return {
    put: (_key, bytes) =>
      new Promise((resolve, reject) => {
        waiting.push({ bytes, resolve, reject });
        if (!isRunning) void run();
      }),
    close: () => file.close(),
  };
}

function encode(batch: readonly Waiting[]): Buffer {
  const size = batch.reduce((sum, { bytes }) => sum + headerBytes + bytes.length, 0);
  const frame = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { bytes } of batch) {
    frame.writeUInt32LE(bytes.length, at);
    frame.writeUInt32LE(crc32(bytes), at + 4);
    frame.set(bytes, at + headerBytes);
    at += headerBytes + bytes.length;
  }
  return frame;
}
