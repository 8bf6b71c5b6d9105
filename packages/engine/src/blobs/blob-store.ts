import { join } from "node:path";
import type { Volume } from "../disk/volume.ts";
import { BlobWriter } from "./blob-writer.ts";
import {
  blobPath,
  blobsPerDirectory,
  directoryName,
  directoryOf,
  temporaryPath,
} from "./blob-path.ts";
import { unlinkBlob } from "./unlink-blob.ts";

/** Makes a directory number the engine's own, durably, so that no later process uses it again. */
export type ReserveDirectory = (directory: number) => Promise<void>;

/** Discarded blobs that are remembered before their directories are synced. */
const discardedMax = 1024;

interface BlobStoreParts {
  readonly volume: Volume;
  readonly root: string;
  readonly nextDirectory: number;
  readonly reserve: ReserveDirectory;
}

/** The blob files: their numbers, their directories, who reads them, and the end of those no one names. */
export class BlobStore {
  readonly root: string;
  readonly volume: Volume;
  readonly #reserve: ReserveDirectory;
  #directory: number;
  #next = 0;
  #end = 0;
  #reserving: Promise<void> | undefined;
  /** Where those are that are written or being written, and named by no record yet. */
  readonly #inFlight = new Map<number, string>();
  readonly #pins = new Map<number, number>();
  /** Named by no record any more, and still pinned. */
  readonly #condemned = new Set<number>();
  #garbage: number[] = [];
  #holds = 0;
  /** Named by no record any more, and kept for those who hold everything. */
  #held: number[] = [];
  #collecting: Promise<void> | undefined;
  #unlinked: number[] = [];
  /** Unlinked without a record ever naming them; in flight until that is durable. */
  #discarded: number[] = [];

  /** Not discarded while nobody knew whether a record names them. */
  #doubtful: number[] = [];

  constructor({ volume, root, nextDirectory, reserve }: BlobStoreParts) {
    this.volume = volume;
    this.root = root;
    this.#reserve = reserve;
    this.#directory = nextDirectory;
  }

  pathOf(blob: number): string {
    return blobPath(this.root, blob);
  }

  /** Begins a blob with a number that none had before it. */
  async create(): Promise<BlobWriter> {
    const blob = await this.#allocate();
    const path = temporaryPath(this.root, blob);
    this.#inFlight.set(blob, path);
    try {
      const file = await this.volume.fs.open(path, "create");
      return new BlobWriter({ blob, file, publish: () => this.#publish(blob, path) });
    } catch (error) {
      this.#inFlight.delete(blob);
      throw error;
    }
  }

  /** A record names the blob now. */
  adopted(blob: number): void {
    this.#inFlight.delete(blob);
  }

  /** Unlinks a blob that no record came to name. What cannot be unlinked is swept at the next start. */
  async discard(blob: number): Promise<void> {
    const path = this.#inFlight.get(blob);
    if (path === undefined) return;
    // After a failed log or index the commit that names the blob may still be found in the log.
    if (!this.volume.health.writable) {
      this.#doubtful.push(blob);
      return;
    }
    try {
      await this.volume.fs.unlink(path);
      this.#discarded.push(blob);
      if (this.#discarded.length >= discardedMax) await this.#settleDiscarded();
    } catch {
      // Stays in flight, and so within what the next start sweeps.
    }
  }

  /** Discards what could not be while writing had ended, but for blobs that a record did come to name. */
  async settle(isNamed: (blob: number) => boolean): Promise<void> {
    const doubtful = this.#doubtful;
    this.#doubtful = [];
    for (const blob of doubtful) {
      if (isNamed(blob)) this.adopted(blob);
      else await this.discard(blob);
    }
  }

  /** Makes the entries that lead to these blobs durable. */
  async sync(blobs: readonly number[]): Promise<void> {
    const directories = new Set(blobs.map(directoryOf));
    await Promise.all(
      [...directories].map((directory) =>
        this.volume.fs.syncDirectory(join(this.root, directoryName(directory))),
      ),
    );
  }

  /** Keeps the files of blobs until as many `unpin`s. */
  pin(blobs: readonly number[]): void {
    for (const blob of blobs) this.#pins.set(blob, (this.#pins.get(blob) ?? 0) + 1);
  }

  unpin(blobs: readonly number[]): void {
    for (const blob of blobs) {
      const pins = (this.#pins.get(blob) ?? 1) - 1;
      if (pins > 0) this.#pins.set(blob, pins);
      else this.#pins.delete(blob);
      if (pins === 0 && this.#condemned.delete(blob)) this.collect([blob]);
    }
  }

  /** Keeps the files of all blobs that a record names now, until what it returns is called once. */
  hold(): () => void {
    this.#holds += 1;
    return () => {
      this.#holds -= 1;
      if (this.#holds > 0) return;
      const held = this.#held;
      this.#held = [];
      this.collect(held);
    };
  }

  /** Unlinks blobs that no record names any more, once no one reads them. */
  collect(blobs: readonly number[]): void {
    if (this.#holds > 0) {
      this.#held.push(...blobs);
      return;
    }
    for (const blob of blobs) {
      if (this.#pins.has(blob)) this.#condemned.add(blob);
      else this.#garbage.push(blob);
    }
    if (this.#garbage.length === 0) return;
    this.#collecting ??= this.#unlinkGarbage().finally(() => {
      this.#collecting = undefined;
    });
  }

  /** Resolves when every unlink that can be done was tried. */
  async collected(): Promise<void> {
    while (this.#collecting !== undefined) await this.#collecting;
  }

  /** The blobs unlinked since the last call, their directories synced: their garbage records may go. */
  async takeUnlinked(): Promise<readonly number[]> {
    const unlinked = this.#unlinked;
    this.#unlinked = [];
    await this.sync(unlinked);
    await this.#settleDiscarded();
    return unlinked;
  }

  /** Directories below this one hold no blob that a record may not come to name. */
  get lowWater(): number {
    let low = this.#directory;
    for (const blob of this.#inFlight.keys()) low = Math.min(low, directoryOf(blob));
    return low;
  }

  /** Gives a blob its own name, which `sync` makes durable. */
  async #publish(blob: number, temporary: string): Promise<void> {
    const path = this.pathOf(blob);
    await this.volume.fs.rename(temporary, path);
    this.#inFlight.set(blob, path);
  }

  // Until its directory is synced, a power cut can bring an unlinked file back.
  async #settleDiscarded(): Promise<void> {
    const discarded = this.#discarded;
    this.#discarded = [];
    await this.sync(discarded);
    for (const blob of discarded) this.#inFlight.delete(blob);
  }

  async #allocate(): Promise<number> {
    while (this.#next === this.#end) {
      this.#reserving ??= this.#nextDirectory().finally(() => {
        this.#reserving = undefined;
      });
      await this.#reserving;
    }
    const blob = this.#next;
    this.#next += 1;
    return blob;
  }

  async #nextDirectory(): Promise<void> {
    const directory = this.#end === 0 ? this.#directory : this.#directory + 1;
    await this.volume.fs.mkdir(join(this.root, directoryName(directory)));
    await this.volume.fs.syncDirectory(this.root);
    await this.#reserve(directory);
    this.#directory = directory;
    this.#next = directory * blobsPerDirectory;
    this.#end = this.#next + blobsPerDirectory;
  }

  async #unlinkGarbage(): Promise<void> {
    for (let blob = this.#garbage.shift(); blob !== undefined; blob = this.#garbage.shift()) {
      try {
        await unlinkBlob(this.volume.fs, this.pathOf(blob));
        this.#unlinked.push(blob);
      } catch {
        // What is left keeps its garbage record, by which the next start unlinks it.
      }
    }
  }
}
