import { join } from "node:path";
import type { S3Error } from "@holdfast/protocol";
import type { BlobStore } from "./blobs/blob-store.ts";
import type { Committer } from "./commit/committer.ts";
import { fullDisk } from "./disk/full-disk.ts";
import type { Room } from "./disk/room.ts";
import { outOfDescriptors } from "./disk/out-of-descriptors.ts";
import type { PassingReason, Volume } from "./disk/volume.ts";
import { formatName } from "./format.ts";
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
   * Takes over from an index that refused what the log has: lets writing pause for what
   * passes by itself, or else ends it. Resolves with what writes are refused with from now on.
   */
  async takeOver(cause: unknown): Promise<S3Error> {
    const { volume } = this.#parts;
    // By now there may be room again; an index that failed for good does not open.
    const before = this.#parts.room.wasShort ? "disk_full" : undefined;
    const obstacle = (await this.#obstacle(1).catch(() => undefined)) ?? before;
    if (obstacle === undefined) return volume.fail("index_failed", cause);
    const refusal = volume.suspend(obstacle, cause);
    this.#lookLater();
    return refusal;
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
