import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry, FolderEntry, ListPage } from "../../driver.ts";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { errnoOf, failureOfErrno } from "./errno.ts";
import { fileStat } from "./file-stat.ts";
import { isHiddenName } from "./hidden-names.ts";
import { sweepName } from "./sweep.ts";

/** What a directory has, before anyone looked at the files. */
interface Found {
  readonly kind: "file" | "folder";
  readonly key: string;
  readonly path: string;
}

/** What is in a directory: files and folders, in the order of their bytes, folders as if they ended in a slash. */
async function contentsOf(path: string, prefix: string): Promise<readonly Found[]> {
  const entries = await readdir(path, { withFileTypes: true });
  // Whoever reads a directory anyway sees what dead processes left in it.
  for (const { name } of entries) if (isHiddenName(name)) await sweepName(path, name);
  return (
    entries
      .filter((entry) => entry.isDirectory() || (entry.isFile() && !isHiddenName(entry.name)))
      .map((entry) => ({
        order: Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name),
        kind: entry.isDirectory() ? ("folder" as const) : ("file" as const),
        key: prefix + entry.name,
        path: join(path, entry.name),
      }))
      .toSorted((a, b) => Buffer.compare(a.order, b.order))
      // Names that are no UTF-8 may come to the same text as another one.
      .filter(({ key }, at, all) => key !== all[at - 1]?.key)
  );
}

/** A directory to list. */
interface Walk {
  /** The directory of the driver. */
  readonly root: string;
  readonly path: string;
  readonly prefix: string;
}

/** All files below a directory. Links are not followed, and what goes away meanwhile was not there. */
async function* filesBelow({ root, path, prefix }: Walk): AsyncGenerator<Found> {
  for (const found of await contentsOf(path, prefix)) {
    if (found.kind === "file") yield found;
    else yield* unlessGone(root, filesBelow({ root, path: found.path, prefix: `${found.key}/` }));
  }
}

async function* unlessGone(root: string, found: AsyncGenerator<Found>): AsyncGenerator<Found> {
  try {
    yield* found;
  } catch (error) {
    await requireOnlyGone(root, error);
  }
}

/** Throws unless it is that something went away, and only that: a listing whose root went away is not at its end. */
async function requireOnlyGone(root: string, error: unknown): Promise<void> {
  const errno = errnoOf(error);
  // ENOTDIR: a file came where a folder was.
  if (errno !== "ENOENT" && errno !== "ENOTDIR") throw belowListed(error);
  await lstat(root);
}

/** A path that the system cannot use, but not the one that was to be listed: that would be a listing without entries. */
function belowListed(error: unknown): unknown {
  const { kind, code, cause } = failureOfErrno(error);
  if (kind !== "invalid-path") return error;
  const message = "Something below the folder is at a path that the system cannot use.";
  return new DriverFailure({ kind: "unknown", message, code, cause });
}

async function* ownContents(path: string, prefix: string): AsyncGenerator<Found> {
  yield* await contentsOf(path, prefix);
}

/** The first page of what is in a directory; each page brings the next. */
export function listDirectory(
  walk: Walk,
  { recursive, entriesMax }: { readonly recursive: boolean; readonly entriesMax: number },
): Promise<ListPage> {
  const found = recursive ? filesBelow(walk) : ownContents(walk.path, walk.prefix);
  return nextPage(found, { root: walk.root, entriesMax });
}

async function nextPage(
  found: AsyncGenerator<Found>,
  page: { readonly root: string; readonly entriesMax: number },
): Promise<ListPage> {
  const batch: Found[] = [];
  let step = await found.next();
  while (step.done !== true) {
    batch.push(step.value);
    if (batch.length === page.entriesMax) break;
    step = await found.next();
  }
  const entries = await Promise.all(batch.map((one) => described(page.root, one)));
  const there = entries.filter((entry) => entry !== undefined);
  if (step.done === true) return { entries: there };
  return { entries: there, next: () => nextPage(found, page) };
}

async function described(
  root: string,
  { kind, key, path }: Found,
): Promise<FileEntry | FolderEntry | undefined> {
  if (kind === "folder") return { kind, key };
  try {
    return { ...fileStat(await lstat(path, { bigint: true })), key };
  } catch (error) {
    await requireOnlyGone(root, error);
    return undefined;
  }
}
