import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeFrame, type Frame } from "../log/frame.ts";
import { decodeLogHeader, logFileNumber, logHeaderBytes } from "../log/log-file.ts";
import { recordName } from "../scrub/record-name.ts";

/** What would be gone if a log were cut where its damage begins. */
export interface LogDamage {
  readonly file: string;
  readonly offset: number;
  /** Whole commits behind the damage, which were acknowledged. The damaged ones come on top. */
  readonly commitsBehind: number;
  /** The records that these wrote or deleted: the first hundred. */
  readonly recordsBehind: readonly string[];
}

const recordsMax = 100;

interface LogFile {
  readonly file: string;
  /** -1 when the header is unreadable. */
  readonly firstSequence: number;
  /** Whole commits up to where the file breaks off, which is `end`. */
  readonly before: readonly Frame[];
  readonly end: number;
  /** Whole commits after that. */
  readonly behind: readonly Frame[];
}

/** Where the commits of a log break off although more follow; undefined when nothing follows. */
export async function damagedLog(directory: string): Promise<LogDamage | undefined> {
  const names = (await readdir(directory)).filter((name) => logFileNumber(name) !== undefined);
  const files: LogFile[] = [];
  for (const name of names.toSorted()) {
    files.push(readLogFile(name, await readFile(join(directory, name))));
  }
  const at = files.findIndex(
    (log, index) =>
      log.behind.length > 0 || log.firstSequence === -1 || !goesOn(log, files[index + 1]),
  );
  const broken = files[at];
  if (broken === undefined) return undefined;
  const lost = [...broken.behind, ...files.slice(at + 1).flatMap(framesOf)];
  const records = new Set<string>();
  for (const { changes } of lost) {
    for (const { key } of changes) if (records.size < recordsMax) records.add(recordName(key));
  }
  const { file, end: offset } = broken;
  return { file, offset, commitsBehind: lost.length, recordsBehind: [...records] };
}

function goesOn({ firstSequence, before }: LogFile, next: LogFile | undefined): boolean {
  return next === undefined || next.firstSequence === firstSequence + before.length;
}

function framesOf({ before, behind }: LogFile): readonly Frame[] {
  return [...before, ...behind];
}

function readLogFile(file: string, bytes: Buffer): LogFile {
  const header = decodeLogHeader(bytes);
  if (header === undefined) return { file, firstSequence: -1, before: [], end: 0, behind: [] };
  const { salt, firstSequence } = header;
  const before: Frame[] = [];
  let end = logHeaderBytes;
  for (;;) {
    const frame = decodeFrame(salt, bytes, end);
    if (frame === undefined || frame.sequence !== firstSequence + before.length) break;
    before.push(frame);
    ({ end } = frame);
  }
  return { file, firstSequence, before, end, behind: framesBehind(salt, bytes, end) };
}

function framesBehind(salt: Buffer, bytes: Buffer, from: number): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = bytes.indexOf(salt, from); at !== -1;) {
    const frame = decodeFrame(salt, bytes, at);
    if (frame !== undefined) frames.push(frame);
    at = bytes.indexOf(salt, frame?.end ?? at + 1);
  }
  return frames;
}
