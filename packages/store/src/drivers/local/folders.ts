import { mkdir, open, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "./errno.ts";
import type { LocalPlace } from "./place.ts";
import { sweepFolder } from "./sweep.ts";

/** Others may take an empty folder away between its making and its first file. */
const triesMax = 20;

/** Does what needs the folder of a place, which is made with those above it where it is missing, on stable storage. */
export async function inItsFolder<T>(
  { root, path }: LocalPlace,
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (errnoOf(error) !== "ENOENT" || tries === triesMax) throw error;
      await makeFolders(root, dirname(path));
    }
  }
}

/** Takes away the folders of a place that have nothing in them, up to the root. */
export async function pruneFolders({ root, path }: LocalPlace): Promise<void> {
  try {
    for (let at = dirname(path); at.length > root.length; at = dirname(at)) await removeFolder(at);
  } catch {
    // It has something in it, or another was quicker.
  }
}

/** Deletes a folder that has nothing in it but what dead processes left. */
export async function removeFolder(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOTEMPTY") throw error;
    await sweepFolder(path);
    await rmdir(path);
  }
}

/** Brings the names in a directory onto stable storage. One that is gone meanwhile has none. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows opens no directory, and writes names through.
  if (process.platform === "win32") return;
  const directory = await open(path, "r").catch(undefinedIfGone);
  try {
    await directory?.sync();
  } finally {
    await directory?.close();
  }
}

function undefinedIfGone(error: unknown): undefined {
  if (errnoOf(error) !== "ENOENT") throw error;
}

/** Makes what is missing below the root. The root is not made: a disk that is not mounted would be written beside. */
async function makeFolders(root: string, folder: string): Promise<void> {
  if (folder.length <= root.length) return;
  try {
    await mkdir(folder);
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return;
    if (errnoOf(error) !== "ENOENT") throw error;
    await makeFolders(root, dirname(folder));
    await mkdir(folder).catch(unlessItExists);
  }
  await syncDirectory(dirname(folder));
}

function unlessItExists(error: unknown): void {
  const errno = errnoOf(error);
  // ENOENT: the folder above was taken away meanwhile; whoever needs this one tries again.
  if (errno !== "EEXIST" && errno !== "ENOENT") throw error;
}
