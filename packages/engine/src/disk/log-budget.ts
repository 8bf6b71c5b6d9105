import { join } from "node:path";
import { errnoOf } from "./disk-error.ts";
import type { Fs } from "./fs.ts";

const logBytesMost = 64 * 1024 * 1024;
const logBytesLeast = 256 * 1024;
const logShare = 1 / 64;

/** How much of a disk may be log before the index takes it over: 64 MiB, less on a small disk. */
export async function logBudget(fs: Fs, directory: string): Promise<number> {
  try {
    const { bytesTotal } = await fs.space(directory);
    return Math.max(logBytesLeast, Math.min(logBytesMost, Math.floor(bytesTotal * logShare)));
  } catch (error) {
    const parent = join(directory, "..");
    // What keeps the directory from being used is said when it is opened.
    if (errnoOf(error) !== "ENOENT" || parent === directory) return logBytesMost;
    return logBudget(fs, parent);
  }
}
