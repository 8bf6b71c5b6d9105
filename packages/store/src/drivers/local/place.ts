import { lstat, realpath } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { errnoOf } from "./errno.ts";
import { isHiddenName } from "./hidden-names.ts";

/** A file of a local directory. */
export interface LocalPlace {
  /** The directory of the driver, links resolved. */
  readonly root: string;
  readonly path: string;
}

/** Where a key is. Links below the root are not followed: a way through one is `invalid-path`. */
export async function placeOf(directory: string, key: string): Promise<LocalPlace> {
  // On Windows these part names, or name other streams of a file.
  if (sep === "\\" && /[\\:]/.test(key)) throw refused("The name is none on this system.");
  if (key.split("/").some(isHiddenName))
    throw refused("The name is one that the store keeps to itself.");
  const given = resolve(directory);
  const direct = join(given, key);
  const real = await unlessMissing(realpath(direct));
  // Then no part of it is a link, the directory's own included.
  if (real === direct) return { root: given, path: direct };
  const root = await realpath(given);
  const path = join(root, key);
  await refuseLinks(root, path, root === given ? real : await unlessMissing(realpath(path)));
  return { root, path };
}

/** What is really at the nearest place that exists has to be where its path says. */
async function refuseLinks(
  root: string,
  path: string,
  realPath: string | undefined,
): Promise<void> {
  for (let at = path; at.length > root.length; at = dirname(at)) {
    const real = at === path ? realPath : await unlessMissing(realpath(at));
    if (real === at) return;
    if (real !== undefined || (await unlessMissing(lstat(at)))?.isSymbolicLink() === true) {
      throw refused("The path leads through a symbolic link.");
    }
  }
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw error;
  }
}

function refused(message: string): DriverFailure {
  return new DriverFailure({ kind: "invalid-path", message });
}
