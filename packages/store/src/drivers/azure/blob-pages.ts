import type { BlobItem, BlobPrefix, ContainerClient } from "@azure/storage-blob";
import type { FileEntry, FolderEntry, ListPage } from "../../driver.ts";
import { etagOf } from "./etag.ts";
import type { Requests } from "./requests.ts";

/** What is listed. */
export interface Listing {
  readonly requests: Requests;
  readonly container: ContainerClient;
  readonly prefix: string;
  readonly recursive: boolean;
  readonly entriesMax: number | undefined;
  readonly signal: AbortSignal | undefined;
}

type Entry = FileEntry | FolderEntry;

interface Segment {
  readonly blobItems: readonly BlobItem[];
  readonly blobPrefixes?: readonly BlobPrefix[] | undefined;
}

interface Page {
  readonly segment: Segment;
  readonly continuationToken?: string | undefined;
}

/** Azure's limit. */
const pageMax = 5000;

/** A page of a listing; it may be empty and have a next one all the same. */
export async function blobPage(listing: Listing, continuationToken?: string): Promise<ListPage> {
  const { requests, signal } = listing;
  const page = await requests.ask({
    signal,
    send: (abortSignal) => onePage(listing, { continuationToken, abortSignal }),
  });
  if (page === undefined) return { entries: [] };
  const entries = entriesOf(page.segment);
  const token = page.continuationToken;
  if (token === undefined || token === "") return { entries };
  return { entries, next: () => blobPage(listing, token) };
}

async function onePage(
  { container, prefix, recursive, entriesMax }: Listing,
  {
    continuationToken,
    abortSignal,
  }: { continuationToken: string | undefined; abortSignal: AbortSignal },
): Promise<Page | undefined> {
  const options = { abortSignal, ...(prefix !== "" && { prefix }) };
  const settings = {
    maxPageSize: Math.min(entriesMax ?? pageMax, pageMax),
    ...(continuationToken !== undefined && { continuationToken }),
  };
  const pages = recursive
    ? container.listBlobsFlat(options).byPage(settings)
    : container.listBlobsByHierarchy("/", options).byPage(settings);
  const step = await pages.next();
  return step.done === true ? undefined : step.value;
}

/** Blobs and prefixes in one order, as they stand on Azure's pages. */
function entriesOf({ blobItems, blobPrefixes = [] }: Segment): readonly Entry[] {
  const files = blobItems.map(({ name, properties }): FileEntry => ({
    kind: "file",
    key: name,
    size: properties.contentLength ?? 0,
    etag: etagOf(properties.etag),
    modifiedAt: properties.lastModified,
  }));
  const folders = blobPrefixes.map(({ name }): FolderEntry => ({
    kind: "folder",
    key: name.slice(0, -1),
  }));
  return [...files, ...folders]
    .map((entry) => ({ entry, order: Buffer.from(sortKeyOf(entry)) }))
    .toSorted((a, b) => Buffer.compare(a.order, b.order))
    .map(({ entry }) => entry);
}

function sortKeyOf({ kind, key }: Entry): string {
  return kind === "folder" ? `${key}/` : key;
}
