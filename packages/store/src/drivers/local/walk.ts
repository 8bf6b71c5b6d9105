import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry, FolderEntry, ListPage } from "../../driver.ts";
import { errnoOf } from "./errno.ts";
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
  return entries
    .filter((entry) => entry.isDirectory() || (entry.isFile() && !isHiddenName(entry.name)))
    .map((entry) => ({
      order: Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name),
      kind: entry.isDirectory() ? ("folder" as const) : ("file" as const),
      key: prefix + entry.name,
      path: join(path, entry.name),
    }))
    .toSorted((a, b) => Buffer.compare(a.order, b.order));
}

/** All files below a directory. Links are not followed, and what goes away meanwhile was not there. */
async function* filesBelow(path: string, prefix: string): AsyncGenerator<Found> {
  for (const found of await contentsOf(path, prefix)) {
    if (found.kind === "file") yield found;
    else yield* unlessGone(filesBelow(found.path, `${found.key}/`));
  }
}

async function* unlessGone(found: AsyncGenerator<Found>): AsyncGenerator<Found> {
  try {
    yield* found;
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

async function* ownContents(path: string, prefix: string): AsyncGenerator<Found> {
  yield* await contentsOf(path, prefix);
}

/** The first page of what is in a directory; each page brings the next. */
export function listDirectory(
  path: string,
  prefix: string,
  { recursive, entriesMax }: { readonly recursive: boolean; readonly entriesMax: number },
): Promise<ListPage> {
  const found = recursive ? filesBelow(path, prefix) : ownContents(path, prefix);
  return nextPage(found, entriesMax);
}

async function nextPage(found: AsyncGenerator<Found>, entriesMax: number): Promise<ListPage> {
  const batch: Found[] = [];
  let step = await found.next();
  while (step.done !== true) {
    batch.push(step.value);
    if (batch.length === entriesMax) break;
    step = await found.next();
  }
  const entries = await Promise.all(batch.map(described));
  const there = entries.filter((entry) => entry !== undefined);
  if (step.done === true) return { entries: there };
  return { entries: there, next: () => nextPage(found, entriesMax) };
}

async function described({ kind, key, path }: Found): Promise<FileEntry | FolderEntry | undefined> {
  if (kind === "folder") return { kind, key };
  try {
    return { ...fileStat(await lstat(path, { bigint: true })), key };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
