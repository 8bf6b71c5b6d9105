import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "./attempt-trail.ts";
import { EntryWriter, openEntry, type StoredEntry } from "./cache-entry.ts";
import { checkedNumber } from "./checked-number.ts";
import type { ObjectSummary } from "./object-summary.ts";
import { tell } from "./tell.ts";

/** Where a cache is, and what it may hold. */
export interface DiskCacheOptions {
  /** Made if it is not there, for its owner alone. Belongs to one cache, whose sources hold the same objects. */
  readonly directory: string;
  /** On disk, with what is being written: 1 GiB by default. The oldest entries make room. */
  readonly bytesMax?: number | undefined;
  /** 10,000 by default. */
  readonly entriesMax?: number | undefined;
  /** Of an object: 64 MiB by default. Larger ones are not kept. */
  readonly entryBytesMax?: number | undefined;
  /** How stale an object may be that is served, in milliseconds: a day by default. */
  readonly ageMsMax?: number | undefined;
  /** Told what went wrong with the cache. No read fails by it. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** A hit: the object, and how old it is. */
export interface CacheHit extends StoredEntry {
  readonly ageMs: number;
}

/** What is being written beside the entries. */
const partSuffix = ".part";
const entryName = /^[0-9a-f]{64}$/;

/** How long a write that a process left behind is taken for one under way. */
const abandonedMs = 3_600_000;

/** How far in the future an entry may be from; beyond that the clock was set, and its age is not known. */
const clockErrorMs = 60_000;

/** Objects on disk by the SHA-256 of what names them, so that no name can lead out of the directory. */
export class DiskCache {
  readonly #directory: string;
  readonly #bytesMax: number;
  readonly #entriesMax: number;
  readonly #ageMsMax: number;
  readonly #onError: ((error: unknown) => void) | undefined;
  readonly #now: () => number;
  /** Sizes by name, the oldest first. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;
  #opening: Promise<void> | undefined;

  /** The largest object that is kept, in bytes. */
  readonly entryBytesMax: number;

  constructor(options: DiskCacheOptions) {
    this.#directory = options.directory;
    const { bytesMax = 2 ** 30, entriesMax = 10_000, entryBytesMax = 2 ** 26 } = options;
    const { ageMsMax = 86_400_000 } = options;
    this.#bytesMax = checkedNumber(["bytesMax", bytesMax], { min: 0 });
    this.#entriesMax = checkedNumber(["entriesMax", entriesMax], { min: 0 });
    this.entryBytesMax = Math.min(
      checkedNumber(["entryBytesMax", entryBytesMax], { min: 0 }),
      bytesMax,
    );
    this.#ageMsMax = checkedNumber(["ageMsMax", ageMsMax], { min: 0 });
    this.#onError = options.onError;
    this.#now = options.now ?? Date.now;
  }

  /** What is kept under a name, unless it is too old; undefined if nothing is. Never rejects. */
  async find(name: string): Promise<CacheHit | undefined> {
    const id = idOf(name);
    try {
      await this.#open();
      if (!this.#sizes.has(id)) return undefined;
      const entry = await openEntry(join(this.#directory, id));
      const ageMs = entry === undefined ? Infinity : this.#ageOf(entry);
      if (entry !== undefined && ageMs <= this.#ageMsMax) return { ...entry, ageMs };
      await entry?.object.body.dispose();
      await this.#evict(id);
    } catch (error) {
      // Whoever else uses the directory may make room as well.
      if (codeOf(error) === "ENOENT") this.#forget(id);
      else tell(this.#onError, error);
    }
    return undefined;
  }

  /** Drops what is kept under a name. Never rejects. */
  async forget(name: string): Promise<void> {
    try {
      await this.#open();
      await this.#evict(idOf(name));
    } catch (error) {
      tell(this.#onError, error);
    }
  }

  /** Begins to keep an object. What it resolves with never rejects either. */
  async keep(name: string): Promise<CacheWrite> {
    const write = new CacheWrite(this.entryBytesMax, {
      reserve: (bytes) => this.#reserve(bytes),
      release: (bytes) => {
        this.#bytes -= bytes;
      },
      report: (error) => tell(this.#onError, error),
      commit: (entry) => this.#commit(idOf(name), entry),
    });
    await write.begin(async () => {
      await this.#open();
      return EntryWriter.create(
        join(this.#directory, `${idOf(name)}.${randomUUID()}${partSuffix}`),
      );
    });
    return write;
  }

  #ageOf({ storedAtMs }: StoredEntry): number {
    const ageMs = this.#now() - storedAtMs;
    return ageMs < -clockErrorMs ? Infinity : Math.max(0, ageMs);
  }

  async #commit(id: string, { writer, summary, reserved }: WholeEntry): Promise<void> {
    const size = await writer.commit(join(this.#directory, id), { summary, nowMs: this.#now() });
    this.#forget(id);
    this.#sizes.set(id, size);
    this.#bytes += size - reserved;
    await this.#trim().catch((error: unknown) => tell(this.#onError, error));
  }

  async #trim(): Promise<void> {
    while (this.#sizes.size > this.#entriesMax || this.#bytes > this.#bytesMax) {
      if (!(await this.#evictOldest())) return;
    }
  }

  /** Makes room for bytes that are about to be written; false if there is none to be made. */
  async #reserve(bytes: number): Promise<boolean> {
    this.#bytes += bytes;
    while (this.#bytes > this.#bytesMax) if (!(await this.#evictOldest())) return false;
    return true;
  }

  async #evictOldest(): Promise<boolean> {
    const oldest = this.#sizes.keys().next();
    if (oldest.done === true) return false;
    await this.#evict(oldest.value);
    return true;
  }

  async #evict(id: string): Promise<void> {
    this.#forget(id);
    await rm(join(this.#directory, id), { force: true });
  }

  #forget(id: string): void {
    this.#bytes -= this.#sizes.get(id) ?? 0;
    this.#sizes.delete(id);
  }

  /** Takes stock once; again if that failed. */
  async #open(): Promise<void> {
    this.#opening ??= this.#takeStock();
    try {
      await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async #takeStock(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const found: { readonly name: string; readonly size: number; readonly mtimeMs: number }[] = [];
    for (const name of await readdir(this.#directory)) {
      const path = join(this.#directory, name);
      const isPart = name.endsWith(partSuffix);
      if (!isPart && !entryName.test(name)) continue;
      const { size, mtimeMs } = await stat(path);
      if (!isPart) found.push({ name, size, mtimeMs });
      else if (Date.now() - mtimeMs > abandonedMs) await rm(path, { force: true });
    }
    for (const { name, size } of found.toSorted((one, other) => one.mtimeMs - other.mtimeMs)) {
      this.#sizes.set(name, size);
      this.#bytes += size;
    }
    await this.#trim();
  }
}

/** An entry that has all its bytes. */
interface WholeEntry {
  readonly writer: EntryWriter;
  readonly summary: ObjectSummary;
  /** Bytes that room was made for, which now are its size's. */
  readonly reserved: number;
}

interface Room {
  readonly reserve: (bytes: number) => Promise<boolean>;
  readonly release: (bytes: number) => void;
  readonly report: (error: unknown) => void;
  readonly commit: (entry: WholeEntry) => Promise<void>;
}

/** An object on its way into the cache. What goes wrong is reported and ends the keeping, never the reading. */
class CacheWrite {
  readonly #bytesMax: number;
  readonly #room: Room;
  #writer: EntryWriter | undefined;
  #reserved = 0;

  constructor(bytesMax: number, room: Room) {
    this.#bytesMax = bytesMax;
    this.#room = room;
  }

  begin(create: () => Promise<EntryWriter>): Promise<void> {
    return this.#attempt(async () => {
      this.#writer = await create();
    });
  }

  write(piece: Uint8Array): Promise<void> {
    return this.#attempt(async (writer) => {
      this.#reserved += piece.length;
      const hasRoom = await this.#room.reserve(piece.length);
      if (hasRoom && this.#reserved <= this.#bytesMax) await writer?.write(piece);
      else await this.discard();
    });
  }

  commit(summary: ObjectSummary): Promise<void> {
    return this.#attempt(async (writer) => {
      if (writer === undefined) return;
      await this.#room.commit({ writer, summary, reserved: this.#reserved });
      this.#writer = undefined;
      this.#reserved = 0;
    });
  }

  /** Ends the keeping, unless it has ended. */
  async discard(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    this.#room.release(this.#reserved);
    this.#reserved = 0;
    await writer?.discard().catch((error: unknown) => this.#room.report(error));
  }

  async #attempt(step: (writer: EntryWriter | undefined) => Promise<void>): Promise<void> {
    try {
      await step(this.#writer);
    } catch (error) {
      this.#room.report(error);
      await this.discard();
    }
  }
}

function idOf(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}
