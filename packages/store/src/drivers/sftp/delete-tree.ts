import { DriverFailure } from "../../errors/driver-failure.ts";
import { readDirectory } from "./read-directory.ts";
import type { Requests } from "./requests.ts";
import { isMissing, isWithoutReason } from "./status.ts";

/** So many deletions are on their way at once. */
const deletionsMax = 64;

/** Deletes a directory with everything in it. Links are deleted, not followed; what is gone already is no failure. */
export async function deleteTree(requests: Requests, path: string): Promise<void> {
  const names = await readDirectory(requests, path);
  const files: string[] = [];
  for (const { name, stats } of names) {
    if (stats.isDirectory()) await deleteTree(requests, `${path}/${name}`).catch(unlessMissing);
    else files.push(`${path}/${name}`);
  }
  for (let at = 0; at < files.length; at += deletionsMax) {
    const some = files.slice(at, at + deletionsMax);
    await Promise.all(some.map((file) => requests.unlink(file).catch(unlessMissing)));
  }
  await requests.removeDirectory(path);
}

/** Deletes a directory that has nothing in it, else fails as `not-empty`. */
export async function deleteEmpty(requests: Requests, path: string): Promise<void> {
  try {
    await requests.removeDirectory(path);
  } catch (cause) {
    const isEmpty = !isWithoutReason(cause) || (await readDirectory(requests, path)).length === 0;
    throw isEmpty ? cause : new DriverFailure({ kind: "not-empty", cause });
  }
}

function unlessMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
