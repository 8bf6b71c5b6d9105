import type { FileEntry, FolderEntry, ListPage } from "../../driver.ts";
import type { Connection } from "./connection.ts";
import { lookForFolder } from "./look.ts";
import { fileStat, isTemporaryName, placeOf } from "./place.ts";
import { readDirectory } from "./read-directory.ts";
import { failureOfStatus } from "./status.ts";

type Entry = FileEntry | FolderEntry;

/** Where a listing is read. */
export interface Listing {
  readonly connection: Connection;
  readonly root: string;
  readonly signal: AbortSignal | undefined;
}

/** The first page of what is below a folder; each page brings the next. Between pages nothing is open. */
export function listFolder(
  listing: Listing,
  prefix: string,
  { recursive, entriesMax }: { readonly recursive: boolean; readonly entriesMax: number },
): Promise<ListPage> {
  const found = recursive ? filesBelow(listing, prefix) : ownEntries(listing, prefix);
  return nextPage(found, entriesMax);
}

async function nextPage(found: AsyncGenerator<Entry>, entriesMax: number): Promise<ListPage> {
  const entries: Entry[] = [];
  while (entries.length < entriesMax) {
    const step = await found.next();
    if (step.done === true) return { entries };
    entries.push(step.value);
  }
  return { entries, next: () => nextPage(found, entriesMax) };
}

async function* ownEntries(listing: Listing, prefix: string): AsyncGenerator<Entry> {
  yield* await contentsOf(listing, prefix);
}

/** All files below a folder. What goes away meanwhile was not there. */
async function* filesBelow(listing: Listing, prefix: string): AsyncGenerator<Entry> {
  for (const entry of await contentsOf(listing, prefix)) {
    if (entry.kind === "file") yield entry;
    else yield* unlessGone(filesBelow(listing, `${entry.key}/`));
  }
}

async function* unlessGone(found: AsyncGenerator<Entry>): AsyncGenerator<Entry> {
  try {
    yield* found;
  } catch (error) {
    if (failureOfStatus(error).kind !== "not-found") throw error;
  }
}

/** What is in a folder: files and folders, in the order of their bytes, folders as if they ended in a slash. */
function contentsOf(listing: Listing, prefix: string): Promise<readonly Entry[]> {
  const place = placeOf(listing.root, prefix.slice(0, -1));
  return listing.connection.look(listing.signal, async (requests) => {
    await lookForFolder(requests, place);
    const entries = await readDirectory(requests, place.path);
    return entries
      .filter(({ name }) => !isTemporaryName(name))
      .flatMap(({ name, stats }): readonly Entry[] => {
        const key = prefix + name;
        if (stats.isDirectory()) return [{ kind: "folder", key }];
        return stats.isFile() ? [{ ...fileStat(stats), key }] : [];
      })
      .map((entry) => ({ entry, order: orderOf(entry) }))
      .toSorted((a, b) => Buffer.compare(a.order, b.order))
      .map(({ entry }) => entry);
  });
}

function orderOf({ kind, key }: Entry): Buffer {
  return Buffer.from(kind === "folder" ? `${key}/` : key);
}
