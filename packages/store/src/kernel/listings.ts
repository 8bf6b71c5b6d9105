import type { ListPage } from "../driver.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import { namePattern, pathPattern } from "../glob.ts";
import { canonicalPath, nameOf, prefixOf } from "../path.ts";
import type { CallSpec, Kernel } from "./kernel.ts";
import type { CallOptions } from "./reads.ts";
import { fileInfo, type FileInfo, type Folder } from "./results.ts";
import { aborted } from "./until-aborted.ts";

/** Which files to list. */
export interface ListFilesOptions extends CallOptions {
  /** Files of the folders below too. */
  readonly recursive?: boolean | undefined;
  /** Of recursive listings: how many folders below are gone into, 0 for none. */
  readonly maxDepth?: number | undefined;
  /** What the names have to match: `*`, `?`, `[a-c]`, `[!a-c]`. */
  readonly pattern?: string | undefined;
}

/** Which folders to list. */
export interface ListFoldersOptions extends CallOptions {
  /** What the names have to match: `*`, `?`, `[a-c]`, `[!a-c]`. */
  readonly pattern?: string | undefined;
}

/** What to list, and as which method. */
export interface ListCall {
  readonly operation: string;
  readonly path: string;
  readonly recursive: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Everything below a folder in the order of the keys' bytes. A folder that is missing from the start has nothing in it;
 * after that a listing comes to its end or fails. Keys that no path leads to are passed over.
 */
export async function* entriesOf(
  kernel: Kernel,
  call: ListCall,
): AsyncGenerator<FileInfo | Folder> {
  const { operation, recursive, signal } = call;
  const spec: CallSpec = { operation, capability: "list", at: "folder", signal };
  let page: ListPage | undefined = await kernel.run(spec, call.path, async ({ key }) => {
    const list = (): Promise<ListPage> =>
      kernel.driver.listPage(prefixOf(key), { recursive, signal });
    return (await kernel.unlessMissing(list, signal)) ?? { entries: [] };
  });
  while (page !== undefined) {
    for (const entry of page.entries) {
      if (signal?.aborted === true) throw kernel.errorOf(aborted(signal), spec, call.path);
      const path = kernel.pathOf(entry.key);
      if (path === undefined) continue;
      yield entry.kind === "file"
        ? fileInfo(path, entry)
        : { kind: "folder", path, name: nameOf(path) };
    }
    const { next }: ListPage = page;
    page = next && (await kernel.run(spec, call.path, next));
  }
}

/** The files of a folder that the options let through. */
export async function* filesOf(
  kernel: Kernel,
  path: string,
  options: ListFilesOptions,
): AsyncGenerator<FileInfo> {
  const { pattern, maxDepth = Infinity, signal } = options;
  const recursive = options.recursive === true && maxDepth > 0;
  const matches = pattern === undefined ? always : namePattern(pattern);
  const call: ListCall = { operation: "listFiles", path, recursive, signal };
  if (Number.isNaN(maxDepth) || maxDepth < 0) {
    const failure = { kind: "invalid-request", message: "maxDepth is a number from 0." } as const;
    throw kernel.errorOf(new DriverFailure(failure), { ...call, at: "folder" }, path);
  }
  for await (const entry of entriesOf(kernel, call)) {
    if (entry.kind === "folder" || !matches(entry.name)) continue;
    if (foldersBetween(path, entry.path) <= maxDepth) yield entry;
  }
}

/** The folders of a folder. */
export async function* foldersOf(
  kernel: Kernel,
  path: string,
  { pattern, signal }: ListFoldersOptions,
): AsyncGenerator<Folder> {
  const matches = pattern === undefined ? always : namePattern(pattern);
  const call: ListCall = { operation: "listFolders", path, recursive: false, signal };
  for await (const entry of entriesOf(kernel, call)) {
    if (entry.kind === "folder" && matches(entry.name)) yield entry;
  }
}

/** The files whose paths match; only the folder is listed that all of them are in. */
export async function* globbed(
  kernel: Kernel,
  pattern: string,
  { signal }: CallOptions,
): AsyncGenerator<FileInfo> {
  const glob = pathPattern(pattern);
  const { folder, recursive } = glob;
  for await (const entry of entriesOf(kernel, {
    operation: "glob",
    path: folder,
    recursive,
    signal,
  })) {
    if (entry.kind === "file" && glob.matches(entry.path)) yield entry;
  }
}

/** How many folders stand between a folder and a file somewhere below it. */
function foldersBetween(folder: string, file: string): number {
  const base = prefixOf(canonicalPath(folder));
  return file.slice(base.length).split("/").length - 1;
}

function always(): boolean {
  return true;
}
