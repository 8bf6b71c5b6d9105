import { join } from "node:path";
import type { Volume } from "../disk/volume.ts";
import { writeFully } from "../disk/write-fully.ts";
import { readFile } from "../disk/read-file.ts";
import { EngineOpenError } from "../engine-open-error.ts";
import { decodeFrame, type Frame } from "./frame.ts";
import { decodeLogHeader, logFileName, logFileNumber, logHeaderBytes } from "./log-file.ts";

/** What was found in the log. */
export interface LogRecovery {
  /** Numbers of the files, in order. */
  readonly files: readonly number[];
  /** Commits since the last checkpoint that were replayed. */
  readonly frames: number;
  /** Bytes, up to the last that is not zero, of a commit that was being written when the last process ended. */
  readonly cutBytes: number;
  readonly nextSequence: number;
}

/** Takes some commits in a row, the oldest first. */
type Replay = (frames: readonly Frame[]) => Promise<void>;

const framesAtOnce = 256;
const zeros = Buffer.alloc(4096);

/**
 * Hands every commit that the log holds to `replay`, in order, and cuts a torn last one. Throws
 * `LOG_DAMAGED`, with nothing changed on disk, when something is unreadable that later commits follow.
 */
export async function recoverLog(
  volume: Volume,
  directory: string,
  replay: Replay,
): Promise<LogRecovery> {
  const files = (await volume.fs.readdir(directory))
    .flatMap((name) => logFileNumber(name) ?? [])
    .toSorted((a, b) => a - b);
  const logs: (LogContent & { readonly number: number })[] = [];
  let newest: Buffer | undefined;
  for (const number of files) {
    const path = join(directory, logFileName(number));
    const bytes = await readFile(volume.fs, path);
    const nextSequence = logs.at(-1)?.nextSequence;
    const content = readLog(bytes, { path, last: number === files.at(-1), nextSequence });
    if (content === undefined) {
      await volume.fs.unlink(path);
      continue;
    }
    logs.push({ ...content, number });
    newest = bytes.subarray(0, content.end);
  }
  for (const { number, end, tornBytes } of logs) {
    if (tornBytes > 0) await cut(volume, join(directory, logFileName(number)), end);
  }
  const last = logs.at(-1);
  if (last !== undefined && newest !== undefined) {
    await keep(volume, join(directory, logFileName(last.number)), newest);
  }
  for (const { frames } of logs) {
    for (let at = 0; at < frames.length; at += framesAtOnce) {
      await replay(frames.slice(at, at + framesAtOnce));
    }
  }
  return {
    files: logs.map(({ number }) => number),
    frames: logs.reduce((sum, { frames }) => sum + frames.length, 0),
    cutBytes: logs.reduce((sum, { tornBytes }) => sum + tornBytes, 0),
    nextSequence: logs.at(-1)?.nextSequence ?? 1,
  };
}

interface Expected {
  readonly path: string;
  /** Whether it is the newest file, which alone may end in a torn commit. */
  readonly last: boolean;
  readonly nextSequence: number | undefined;
}

interface LogContent {
  readonly frames: readonly Frame[];
  readonly end: number;
  /** From there on, up to the last byte that is not zero. */
  readonly tornBytes: number;
  readonly nextSequence: number;
}

/** Undefined for a file whose making was cut short, which never held a commit. */
function readLog(bytes: Buffer, expected: Expected): LogContent | undefined {
  const header = decodeLogHeader(bytes);
  if (header === undefined) {
    if (expected.last && writtenBytes(bytes, logHeaderBytes) === 0) return undefined;
    throw damaged(expected.path, 0);
  }
  let sequence = expected.nextSequence ?? header.firstSequence;
  if (header.firstSequence !== sequence) throw damaged(expected.path, 0);
  const frames: Frame[] = [];
  let end = logHeaderBytes;
  for (;;) {
    const frame = decodeFrame(header.salt, bytes, end);
    if (frame === undefined || frame.sequence !== sequence) break;
    frames.push(frame);
    ({ end } = frame);
    sequence += 1;
  }
  const tornBytes = writtenBytes(bytes, end);
  if (tornBytes > 0 && (!expected.last || holdsFrame(header.salt, bytes, end))) {
    throw damaged(expected.path, end);
  }
  return { frames, end, tornBytes, nextSequence: sequence };
}

/** How much of what follows `offset` is more than the zeros that a file is filled with ahead. */
function writtenBytes(bytes: Buffer, offset: number): number {
  let end = bytes.length;
  while (end - zeros.length >= offset && zeros.equals(bytes.subarray(end - zeros.length, end))) {
    end -= zeros.length;
  }
  while (end > offset && bytes[end - 1] === 0) end -= 1;
  return Math.max(0, end - offset);
}

/** Whether a whole frame begins anywhere after `offset`. */
function holdsFrame(salt: Buffer, bytes: Buffer, offset: number): boolean {
  for (let at = bytes.indexOf(salt, offset); at !== -1; at = bytes.indexOf(salt, at + 1)) {
    if (decodeFrame(salt, bytes, at) !== undefined) return true;
  }
  return false;
}

async function cut(volume: Volume, path: string, end: number): Promise<void> {
  const file = await volume.fs.open(path, "modify");
  try {
    await file.truncate(end);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/**
 * Brings to stable storage what was read, before anything follows from it: who wrote it may have been
 * killed before its sync, or its sync failed, after which only bytes that are written again are synced.
 */
async function keep(volume: Volume, path: string, bytes: Buffer): Promise<void> {
  const file = await volume.fs.open(path, "modify");
  try {
    await writeFully(file, bytes, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
}

function damaged(path: string, offset: number): EngineOpenError {
  return new EngineOpenError("LOG_DAMAGED", `${path} is damaged at byte ${offset}`);
}
