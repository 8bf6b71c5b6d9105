import type { Random } from "../clock.ts";
import type { Fs } from "../disk/fs.ts";
import { blobKey, blobOf, blobsFrom } from "../index/keys.ts";
import { memoryStore, type MemoryImage } from "../index/memory-store.ts";
import type { OrderedStore } from "../index/ordered-store.ts";
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
  /** What stands between the engine and its index: a defect to be found, or nothing. */
  readonly store?: (store: OrderedStore) => OrderedStore;
  /** Of the machine itself when absent. */
  readonly random?: Random;
}

/** Opens the engine of a simulated machine; the small log makes checkpoints happen. */
export function openSimulated(machine: Machine): Promise<OpenEngine> {
  const { disk, image, fs = disk, store: between = (store) => store, random } = machine;
  return openEngine({
    directory,
    fs,
    clock: { now: () => 0, elapsed: () => 0 },
    logBytesMax: 6_000,
    ...(random === undefined ? {} : { random }),
    async openStore() {
      const store = memoryStore(image);
      return between({
        ...store,
        async apply(changes) {
          await disk.call("index", "apply");
          await store.apply(changes);
          disk.changed();
        },
        async flush() {
          await disk.call("index", "flush");
          await store.flush();
          disk.synced();
        },
      });
    },
  });
}

/** Blob files that no record counts. */
export function orphans({ disk, image }: Machine): readonly string[] {
  const store = memoryStore(image);
  return blobFiles(disk).filter((path) => store.get(blobKey(numberOf(path))) === undefined);
}

/** Blobs that a record counts and that have no file. */
export async function missingBlobs({ disk, image }: Machine): Promise<readonly string[]> {
  const there = new Set(blobFiles(disk).map(numberOf));
  const { start, end } = blobsFrom(0);
  const counted = await memoryStore(image).range(start, end).next(100_000);
  return counted.flatMap(([key]) => (there.has(blobOf(key)) ? [] : [`blob ${blobOf(key)}`]));
}

function blobFiles(disk: SimDisk): readonly string[] {
  return disk.files().filter((path) => path.startsWith(`${directory}/blobs/`));
}

function numberOf(path: string): number {
  return Number.parseInt(path.slice(path.lastIndexOf("/") + 1), 16);
}
