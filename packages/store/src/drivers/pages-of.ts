import type { FileEntry, FolderEntry, ListPage } from "../driver.ts";

type Entry = FileEntry | FolderEntry;

/** The first page of entries that are at hand; each page brings the next. */
export function pagesOf(entries: readonly Entry[], entriesMax: number): ListPage {
  const page = entries.slice(0, entriesMax);
  const rest = entries.slice(entriesMax);
  if (rest.length === 0) return { entries: page };
  return { entries: page, next: () => Promise.resolve(pagesOf(rest, entriesMax)) };
}
