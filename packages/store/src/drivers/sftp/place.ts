import { randomUUID } from "node:crypto";
import type { Stats } from "ssh2";
import type { FileStat } from "../../driver.ts";
import { DriverFailure } from "../../errors/driver-failure.ts";

/** A file on its way, or one that is set aside while another takes its name. */
const temporary = /^\.holdfast-[0-9a-f-]{36}\.(?:tmp|old)$/;

/** A key as the server has it. */
export interface Place {
  readonly root: string;
  readonly key: string;
  readonly path: string;
}

/** Where a key is. Names of files on their way are refused. */
export function placeOf(root: string, key: string): Place {
  if (key.split("/").some(isTemporaryName)) throw refused("The name is kept for temporary files.");
  return { root, key, path: pathIn(root, key) };
}

/** Whether a name is that of a file on its way, which is no file yet. */
export function isTemporaryName(name: string): boolean {
  return temporary.test(name);
}

/** A name beside a place, for a file on its way to it or for the one that was there. */
export function temporaryBeside({ root, key }: Place, ending: "old" | "tmp"): string {
  const folder = key.slice(0, key.lastIndexOf("/") + 1);
  return pathIn(root, `${folder}.holdfast-${randomUUID()}.${ending}`);
}

/** The directories from below the root to the one that a place is in, the outermost first. */
export function foldersTo({ root, key }: Place): readonly string[] {
  const names = key.split("/").slice(0, -1);
  return names.map((_, index) => pathIn(root, names.slice(0, index + 1).join("/")));
}

/**
 * A file by what the protocol says of it. The etag is its size and the second of its last change: it is no proof that the
 * bytes are the same, for others may write more than once in a second.
 */
export function fileStat({ size, mtime }: Stats): FileStat {
  if (size === undefined) {
    const message = "The server does not say how large the file is.";
    throw new DriverFailure({ kind: "unknown", message });
  }
  if (mtime === undefined) return { kind: "file", size };
  const etag = `${size.toString(36)}-${mtime.toString(36)}`;
  return { kind: "file", size, etag, modifiedAt: new Date(mtime * 1000) };
}

function pathIn(root: string, key: string): string {
  if (key === "") return root;
  return root.endsWith("/") ? root + key : `${root}/${key}`;
}

/** What leads to no file of the driver's. */
export function refused(message: string): DriverFailure {
  return new DriverFailure({ kind: "invalid-path", message });
}
