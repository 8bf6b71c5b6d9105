import { join } from "node:path";
import {
  blobNumber,
  blobPath,
  blobsPerDirectory,
  directoryNumber,
  isTemporary,
} from "./blobs/blob-path.ts";
import { unlinkBlob } from "./blobs/unlink-blob.ts";
import { errnoOf } from "./disk/disk-error.ts";
import type { Volume } from "./disk/volume.ts";
import { blobOf, blobsFrom, garbageRange } from "./index/keys.ts";
import type { Change, OrderedStore } from "./index/ordered-store.ts";
import { storeView } from "./index/view.ts";

interface Sweep {
  readonly volume: Volume;
  readonly root: string;
  readonly store: OrderedStore;
}

/**
 * Unlinks what no record names: blobs of writes that were not acknowledged. Only directories from
 * `lowWater` on can hold any. Resolves with how many there were.
 */
export async function sweepOrphans(
  { volume, root, store }: Sweep,
  lowWater: number,
): Promise<number> {
  const named = new Set<number>();
  // By a scan and not one by one: it meets a record whose key rotted, which a look-up would miss.
  for await (const [key] of storeView(store).range(blobsFrom(lowWater * blobsPerDirectory))) {
    named.add(blobOf(key));
  }
  let orphans = 0;
  for (const name of await volume.fs.readdir(root)) {
    const directory = directoryNumber(name);
    if (directory === undefined || directory < lowWater) continue;
    const path = join(root, name);
    let swept = 0;
    for (const file of await volume.fs.readdir(path)) {
      const blob = blobNumber(file);
      if (blob === undefined ? !isTemporary(file) : named.has(blob)) continue;
      await volume.fs.unlink(join(path, file));
      swept += 1;
    }
    // Also when nothing is left: whoever unlinked it may have been killed before it was durable.
    await volume.fs.syncDirectory(path);
    orphans += swept;
  }
  return orphans;
}

/** Unlinks what was deleted before the last process ended; resolves with the records to take away. */
export async function sweepGarbage({ volume, root, store }: Sweep): Promise<readonly Change[]> {
  const done: Change[] = [];
  const directories = new Set<string>();
  for await (const [key] of storeView(store).range(garbageRange)) {
    const path = blobPath(root, blobOf(key));
    directories.add(join(path, ".."));
    await unlinkBlob(volume.fs, path);
    done.push({ key, value: undefined });
  }
  for (const directory of directories) {
    try {
      await volume.fs.readdir(directory);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") continue;
      throw error;
    }
    await volume.fs.syncDirectory(directory);
  }
  return done;
}
