import { rm, statfs } from "node:fs/promises";
import { listSegments } from "./segment.ts";

/** What is kept; the older of it goes first. */
export interface AuditRetention {
  /** Rows older than this go, a segment at a time; 90 unless told. */
  readonly days?: number | undefined;
  /** What all segments may take together, but for those that are written to; 1 GiB or a 16th of the disk unless told. */
  readonly bytesMax?: number | undefined;
}

const daysUsually = 90;
const bytesMaxUsually = 2 ** 30;
/** On a small disk the audit must not take the room that deletions give back. */
const diskShare = 1 / 16;
const dayMs = 86_400_000;
/** Another process may still write to a segment of its own that was written to so short a time ago. */
const othersMs = 10 * 60_000;

interface Moment {
  readonly now: number;
  /** Whose segments are known to be done, but for the one at `current`. */
  readonly process: string;
  readonly current: string | undefined;
}

/** What all segments may take together on the disk of the directory, unless it is told. */
export async function bytesKept(directory: string, { bytesMax }: AuditRetention): Promise<number> {
  if (bytesMax !== undefined) return bytesMax;
  const { blocks, bsize } = await statfs(directory);
  return Math.min(bytesMaxUsually, Math.floor(blocks * bsize * diskShare));
}

/** Removes what is not to be kept, and returns how many bytes are left. */
export async function retain(
  directory: string,
  { days = daysUsually, bytesMax }: AuditRetention & { readonly bytesMax: number },
  { now, process, current }: Moment,
): Promise<number> {
  const segments = await listSegments(directory);
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  for (const segment of segments) {
    const isOurs = segment.process === process;
    const mayBeWritten = isOurs ? segment.path === current : now - segment.to < othersMs;
    const isTooMuch = bytes > bytesMax || now - segment.to > days * dayMs;
    if (mayBeWritten || !isTooMuch) continue;
    await rm(segment.path, { force: true });
    bytes -= segment.bytes;
  }
  return bytes;
}
