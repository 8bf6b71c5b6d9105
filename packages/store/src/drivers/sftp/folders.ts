import { DriverFailure } from "../../errors/driver-failure.ts";
import { foldersTo, type Place } from "./place.ts";
import type { Requests } from "./requests.ts";
import { isMissing, isWithoutReason, statusOf } from "./status.ts";

/** Others may take an empty folder away between its making and its first file. */
const triesMax = 20;

/** Does what needs the folder of a place, which is made with those above it where it is missing. */
export async function inItsFolder<T>(
  requests: Requests,
  place: Place,
  work: () => Promise<T>,
): Promise<T> {
  const folders = foldersTo(place);
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isMissing(error) || folders.length === 0 || tries === triesMax) throw error;
      await makeFolders(requests, folders);
    }
  }
}

/** Takes away the folders of a place that have nothing in them, up to the root. */
export async function pruneFolders(requests: Requests, place: Place): Promise<void> {
  for (const folder of foldersTo(place).toReversed()) {
    try {
      await requests.removeDirectory(folder);
    } catch (error) {
      // It has something in it, or another was quicker.
      if (statusOf(error) === undefined) throw error;
      if (!isMissing(error)) return;
    }
  }
}

/**
 * Makes what is missing below the root, in the time of one request, for a server takes them in their order. The root is
 * not made: a disk that is not mounted would be written beside.
 */
async function makeFolders(requests: Requests, folders: readonly string[]): Promise<void> {
  const made = await Promise.allSettled(folders.map((folder) => requests.makeDirectory(folder)));
  for (const [index, answer] of made.entries()) {
    if (answer.status === "fulfilled") continue;
    const error: unknown = answer.reason;
    // One above was taken away meanwhile, or there is no root.
    if (isMissing(error) && index > 0) return;
    // The server gives no reason for one that is there.
    if (!isWithoutReason(error)) throw error;
    await requireDirectory(requests, folders[index] ?? "", error);
  }
}

async function requireDirectory(requests: Requests, path: string, cause: unknown): Promise<void> {
  try {
    if ((await requests.lstat(path)).isDirectory()) return;
  } catch (error) {
    throw isMissing(error) ? cause : error;
  }
  throw new DriverFailure({ kind: "under-file", cause });
}
