import { errnoOf } from "./disk-error.ts";
import type { Fs, FsFile } from "./fs.ts";

/** Fewer than these are as good as none: an index opens several files for one step. */
const spareMin = 16;

/** Whether the process, or the system, has hardly a file descriptor left to read this file by. */
export async function outOfDescriptors(fs: Fs, path: string): Promise<boolean> {
  const files: FsFile[] = [];
  try {
    while (files.length < spareMin) files.push(await fs.open(path, "read"));
    return false;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "EMFILE" || errno === "ENFILE") return true;
    throw error;
  } finally {
    for (const file of files) await file.close();
  }
}
