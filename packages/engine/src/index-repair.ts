import { join } from "node:path";
import type { BlobStore } from "./blobs/blob-store.ts";
import type { Committer } from "./commit/committer.ts";
import { fullDisk } from "./disk/full-disk.ts";
import type { Room } from "./disk/room.ts";
import { outOfDescriptors } from "./disk/out-of-descriptors.ts";
import type { PassingReason, Volume } from "./disk/volume.ts";
import { formatName } from "./format.ts";
import type { Change } from "./index/ordered-store.ts";
import { blobKey, blobOf, garbageRange } from "./index/keys.ts";
import type { ReopeningStore } from "./index/reopening-store.ts";
import { storeView } from "./index/view.ts";
import { recoverLog } from "./log/recover-log.ts";

interface RepairParts {
  readonly volume: Volume;
  readonly room: Room;
  readonly store: ReopeningStore;
  readonly blobs: BlobStore;
  readonly directory: string;
  readonly between: Committer["between"];
}

/** How often it is looked whether what was in the way has passed. */
const lookMs = 1000;

/**
 * Brings the index back after a full disk or a want of file descriptors kept it from writing: writing
 * pauses, reads go on, and when that has passed the index is opened anew and takes from the log what it missed. The log is the truth,
 * the index only its view. Any other failure of the index ends writing.
 */
export class IndexRepair {
  readonly #parts: RepairParts;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #closed = false;

  constructor(parts: RepairParts) {
    this.#parts = parts;
  }

  /**
   * Takes over changes that are in the log and that the index refused: resolves when readers see them
   * all the same; rejects when writing has ended.
   */
  async takeOver(changes: readonly Change[], cause: unknown): Promise<void> {
    const { volume, store } = this.#parts;
    const obstacle = await this.#obstacle(1).catch(() => undefined);
    if (obstacle === undefined) throw volume.fail("index_failed", cause);
    store.hold(changes);
    volume.suspend(obstacle, cause);
    this.#lookLater();
  }

  /** Looks no more; resolves when what was begun has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #lookLater(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, lookMs).unref();
  }

  async #look(): Promise<void> {
    const { volume, between } = this.#parts;
    try {
      // Half of the reserve is enough to open with, and deletes may be what frees the rest.
      if ((await this.#obstacle(0.5)) === undefined) await between(() => this.#repair());
    } catch {
      // Looked at again below.
    }
    if (volume.health.passing === true) this.#lookLater();
  }

  async #repair(): Promise<void> {
    const { volume, store, blobs, directory } = this.#parts;
    await store.reopen(async (opened) => {
      await recoverLog(volume, join(directory, "log"), (frames) =>
        opened.apply(frames.flatMap(({ changes }) => changes)),
      );
    });
    const view = storeView(store);
    volume.resume();
    await blobs.settle((blob) => view.get(blobKey(blob)) !== undefined);
    const freed: number[] = [];
    for await (const [key] of view.range(garbageRange)) freed.push(blobOf(key));
    blobs.collect(freed);
  }

  /** What keeps an index from working and passes by itself; undefined when there is nothing. */
  async #obstacle(share: number): Promise<PassingReason | undefined> {
    const { volume, room, directory } = this.#parts;
    if (await outOfDescriptors(volume.fs, join(directory, formatName))) return "out_of_descriptors";
    if ((await room.reserveFree()) < share) return "disk_full";
    // Of a quota the file system says nothing until something is written.
    return (await fullDisk(volume.fs, directory)) === undefined ? undefined : "disk_full";
  }
}
