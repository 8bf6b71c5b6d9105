import { lstat, realpath } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
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
  const root = await realpath(directory);
  const path = join(root, key);
  await refuseLinks(root, path);
  return { root, path };
}

/** What is really at the nearest place that exists has to be where its path says. */
async function refuseLinks(root: string, path: string): Promise<void> {
  for (let at = path; at.length > root.length; at = dirname(at)) {
    const real = await unlessMissing(realpath(at));
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
