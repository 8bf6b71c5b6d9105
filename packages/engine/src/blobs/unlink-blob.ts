import { errnoOf } from "../disk/disk-error.ts";
import type { Fs } from "../disk/fs.ts";
import { asidePath } from "./blob-path.ts";

/** Unlinks the file of a blob, also one that was moved aside; content when there is none. */
export async function unlinkBlob(fs: Fs, path: string): Promise<void> {
  for (const file of [path, asidePath(path)]) {
    try {
      await fs.unlink(file);
      return;
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
  }
}
