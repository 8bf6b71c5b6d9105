import { hasFolders, type DriverOptions, type ListPage } from "../driver.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import { prefixOf } from "../path.ts";
import { deleteKeys } from "./deletions.ts";
import { isAbsence, type CallSpec, type Kernel } from "./kernel.ts";
import { entriesOf } from "./listings.ts";
import type { CallOptions } from "./reads.ts";
import type { FolderInfo } from "./results.ts";

/** How to delete a folder. */
export interface DeleteFolderOptions extends CallOptions {
  /** Everything in it too; otherwise a folder with anything in it is `DirectoryNotEmpty`. */
  readonly recursive?: boolean | undefined;
  /** That it is not there is no failure. That it is a file still is. */
  readonly missingOk?: boolean | undefined;
}

/** Counts what is in a folder. */
export function folderInfo(
  kernel: Kernel,
  path: string,
  options: CallOptions,
): Promise<FolderInfo> {
  const { signal } = options;
  const operation = "getFolderInfo";
  const spec: CallSpec = { operation, capability: "list", at: "folder", signal };
  return kernel.run(spec, path, async (place) => {
    await kernel.requireFolder(place, signal);
    let fileCount = 0;
    let totalSize = 0;
    let modifiedAt: Date | undefined;
    const call = { operation, path: place.path, recursive: true, signal };
    for await (const entry of entriesOf(kernel, call)) {
      if (entry.kind === "folder") continue;
      fileCount += 1;
      totalSize += entry.size;
      const changed = entry.modifiedAt;
      if (changed !== undefined && (modifiedAt === undefined || changed > modifiedAt)) {
        modifiedAt = changed;
      }
    }
    return { path: place.path, fileCount, totalSize, ...(modifiedAt && { modifiedAt }) };
  });
}

/** Deletes a folder. One that fails half-way has deleted some of what was in it, and says so by failing. */
export function deleteFolder(
  kernel: Kernel,
  path: string,
  options: DeleteFolderOptions,
): Promise<void> {
  const { signal, recursive = false, missingOk = false } = options;
  const spec: CallSpec = { operation: "deleteFolder", capability: "delete", at: "folder", signal };
  return kernel.run(spec, path, async (place) => {
    if (place.path === "") {
      throw new DriverFailure({ kind: "invalid-path", message: "The root is not to be deleted." });
    }
    const kind = await kernel.kindOf(place, signal);
    if (kind === undefined && missingOk) return;
    if (kind !== "folder") {
      throw new DriverFailure({ kind: kind === undefined ? "not-found" : "wrong-type" });
    }
    const { driver } = kernel;
    try {
      if (hasFolders(driver)) await driver.deleteFolder(place.key, { recursive, signal });
      else await deleteKeysBelow(kernel, place.key, { recursive, signal });
    } catch (error) {
      // Another may have deleted it since.
      if (!missingOk || !isAbsence(kernel.failureOf(error, signal).kind)) throw error;
    }
  });
}

/** Deletes by key, not by path: nothing may be left, also of what no path leads to. */
async function deleteKeysBelow(
  kernel: Kernel,
  key: string,
  { recursive, signal }: DriverOptions & { readonly recursive: boolean },
): Promise<void> {
  const prefix = prefixOf(key);
  const entriesMax = recursive ? undefined : 2;
  let page: ListPage | undefined = await kernel.driver.listPage(prefix, {
    recursive: true,
    entriesMax,
    signal,
  });
  // A key that is the prefix itself marks the folder and is not in it.
  if (!recursive && page.entries.some((entry) => entry.key !== prefix)) {
    throw new DriverFailure({ kind: "not-empty" });
  }
  while (page !== undefined) {
    const keys = page.entries.map((entry) => entry.key);
    const [failed] = (await deleteKeys(kernel, { keys, signal })).values();
    if (failed !== undefined) throw failed;
    page = await page.next?.();
  }
}
