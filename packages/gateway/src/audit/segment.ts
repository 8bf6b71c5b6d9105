import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "@holdfast/engine";

/** File systems stamp files by a clock that lags a little behind the one that rows are stamped by. */
const stampLagMs = 1000;

/** A file with the rows of one process, in order. */
export interface Segment {
  readonly path: string;
  readonly process: string;
  /** No row is older. */
  readonly from: number;
  /** No row is newer. */
  readonly to: number;
  readonly bytes: number;
}

/** Sorted by name is sorted by time; `count` tells a process's segments of one millisecond apart. */
export function segmentName(from: number, process: string, count: number): string {
  return `audit-${String(from).padStart(13, "0")}-${process}-${count}.ndjson`;
}

/** All that there are, the oldest first. */
export async function listSegments(directory: string): Promise<readonly Segment[]> {
  const names = (await readdir(directory)).toSorted();
  const segments: Segment[] = [];
  for (const name of names) {
    const [, from, process] = /^audit-(\d{13})-([0-9a-f]{8})-\d+\.ndjson$/.exec(name) ?? [];
    if (from === undefined || process === undefined) continue;
    const path = join(directory, name);
    const { mtimeMs, size } = (await statIfThere(path)) ?? { mtimeMs: 0, size: 0 };
    // A row is made before it is written; a clock that was set back may say otherwise.
    const to = Math.max(Number(from), Math.ceil(mtimeMs)) + stampLagMs;
    if (size > 0) segments.push({ path, process, from: Number(from), to, bytes: size });
  }
  return segments;
}

/** Undefined when the retention was quicker. */
async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return undefined;
    throw cause;
  }
}
