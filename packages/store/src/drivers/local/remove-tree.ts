import { lstat, readdir, rmdir, unlink } from "node:fs/promises";
import { sep } from "node:path";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { errnoOf } from "./errno.ts";

/** Files are deleted by so many at once. */
const batchMax = 64;
/** How often what comes into a folder while it is deleted goes with it. */
const triesMax = 20;
const separator = Buffer.from(sep);

/** Deletes a directory with everything in it, and no more of it once the signal is aborted. Links are not followed. */
export async function removeTree(path: string, signal: AbortSignal | undefined): Promise<void> {
  await lstat(path);
  // Names of files may be no text. A writer that fails takes away a folder too that is empty by now.
  await removeDirectory(Buffer.from(path), signal).catch(unlessGone);
}

async function removeDirectory(path: Buffer, signal: AbortSignal | undefined): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await removeContents(path, signal);
    try {
      await rmdir(path);
      return;
    } catch (error) {
      if (errnoOf(error) !== "ENOTEMPTY") throw error;
      if (tries < triesMax) continue;
      const message = "Others go on writing into the folder.";
      throw new DriverFailure({ kind: "conflict", retryable: true, message, cause: error });
    }
  }
}

async function removeContents(folder: Buffer, signal: AbortSignal | undefined): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true, encoding: "buffer" });
  const found = entries.map((entry) => ({
    isFolder: entry.isDirectory(),
    path: Buffer.concat([folder, separator, entry.name]),
  }));
  const files = found.filter(({ isFolder }) => !isFolder);
  for (let start = 0; start < files.length; start += batchMax) {
    signal?.throwIfAborted();
    const batch = files.slice(start, start + batchMax);
    await Promise.all(batch.map(({ path }) => unlink(path).catch(unlessGone)));
  }
  for (const { path, isFolder } of found) {
    signal?.throwIfAborted();
    if (isFolder) await removeDirectory(path, signal).catch(unlessGone);
  }
}

function unlessGone(error: unknown): void {
  if (errnoOf(error) !== "ENOENT") throw error;
}
