import type { Fs } from "../disk/fs.ts";
import { blobKey } from "../index/keys.ts";
import { memoryStore, type MemoryImage } from "../index/memory-store.ts";
import { openEngine, type OpenEngine } from "../open-engine.ts";
import type { SimDisk } from "./sim-disk.ts";

/** Where a simulated engine lives on its disk. */
export const directory = "/data";

/** A disk and an index that share its power, before their first start. */
export interface Machine {
  readonly disk: SimDisk;
  readonly image: MemoryImage;
  /** What stands between the engine and its disk: a defect to be found, or the disk itself. */
  readonly fs?: Fs;
}

/** Opens the engine of a simulated machine; the small log makes checkpoints happen. */
export function openSimulated({ disk, image, fs = disk }: Machine): Promise<OpenEngine> {
  return openEngine({
    directory,
    fs,
    clock: { now: () => 0 },
    logBytesMax: 6_000,
    async openStore() {
      const store = memoryStore(image);
      return {
        ...store,
        apply: (changes) => disk.call("index", "apply").then(() => store.apply(changes)),
        flush: () => disk.call("index", "flush").then(() => store.flush()),
      };
    },
  });
}

/** Blob files that no record counts. */
export function orphans({ disk, image }: Machine): readonly string[] {
  const store = memoryStore(image);
  return disk.files().filter((path) => {
    if (!path.startsWith(`${directory}/blobs/`)) return false;
    return (
      store.get(blobKey(Number.parseInt(path.slice(path.lastIndexOf("/") + 1), 16))) === undefined
    );
  });
}
