import { join } from "node:path";
import { errnoOf } from "./disk-error.ts";
import type { Fs } from "./fs.ts";
import { writeFully } from "./write-fully.ts";

const probeName = "PROBE";
const probeBytes = 4 * 1024 * 1024;

/**
 * The error by which the disk refuses some megabytes more, of space or of a quota; undefined when it
 * takes them. Of LevelDB's failures only their texts tell. Leaves nothing behind.
 */
export async function fullDisk(fs: Fs, directory: string): Promise<unknown> {
  const path = join(directory, probeName);
  try {
    if ((await fs.readdir(directory)).includes(probeName)) await fs.unlink(path);
    const file = await fs.open(path, "create");
    try {
      await fs.unlink(path);
      await writeFully(file, Buffer.alloc(probeBytes), 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOSPC" || errno === "EDQUOT") return error;
    throw error;
  }
}
