import { join } from "node:path";
import type { BlobStore } from "./blobs/blob-store.ts";
import type { Committer } from "./commit/committer.ts";
import { fullDisk } from "./disk/full-disk.ts";
import type { Room } from "./disk/room.ts";
import type { Volume } from "./disk/volume.ts";
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

/** How often a full disk is looked at. */
const lookMs = 1000;

/**
 * Brings the index back after a full disk refused it: writing pauses, reads go on, and when there is
 * room again the index is opened anew and takes from the log what it missed. The log is the truth,
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
    const hasSpace = await this.#hasSpace(1).catch(() => true);
    if (hasSpace) throw volume.fail("index_failed", cause);
    store.hold(changes);
    volume.suspend(cause);
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
      if (await this.#hasSpace(0.5)) await between(() => this.#repair());
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

  // Of a quota the file system says nothing until something is written.
  async #hasSpace(share: number): Promise<boolean> {
    const { volume, room, directory } = this.#parts;
    if ((await room.reserveFree()) < share) return false;
    return (await fullDisk(volume.fs, directory)) === undefined;
  }
}
