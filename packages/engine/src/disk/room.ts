import { s3Error } from "@holdfast/protocol";
import type { Fs, Space } from "./fs.ts";

/** Files that are kept for the log, the index and their tidying, where a file system counts files. */
const filesKept = { least: 16, most: 1024, share: 1 / 16 };

/** What was learnt is trusted for so long, since others write to the disk too. */
const trustedMs = 1000;

/** What a full disk did to the index may come to light when it has room again. */
const rememberedMs = 10_000;

/** About what a write takes beside its bytes: records, in the log and in the index. */
const recordBytes = 2048;

interface RoomParts {
  readonly fs: Pick<Fs, "space">;
  readonly directory: string;
  /** Bytes kept for the log and for what tidies up. */
  readonly reserveBytes: number;
  /** A compaction of the index may need as many bytes again as it has. */
  readonly indexBytes: () => Promise<number>;
  /** Milliseconds that only ever grow. */
  readonly elapsed: () => number;
}

/** Of an index of any size, a compaction rewrites no more than this at a time. */
const compactionBytesMax = 192 * 1024 * 1024;

/**
 * Whether the disk has room for what is to be added. Under the reserve nothing is added any more, so
 * that there is always room to delete. Rests on what was asked of the file system a moment ago.
 */
export class Room {
  readonly #parts: RoomParts;
  /** Beyond the reserve; bytes that were claimed and not written are still in it. */
  #bytes = 0;
  #files = 0;
  /** Bodies that may each have a file to make still. */
  #open = 0;
  #made = 0;
  #claimed = 0;
  #written = 0;
  #askedAt = -Infinity;
  #shortAt = -Infinity;
  #asking: Promise<void> | undefined;

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  /** Room for a write without a body; rejects with `InsufficientStorage` when there is none. */
  async admit(): Promise<void> {
    (await this.claim(0)).release();
  }

  /** Sets bytes aside for one body, before any is written; rejects with `InsufficientStorage`. */
  claim(bytes: number): Promise<Claim> {
    const asked = bytes + recordBytes;
    if (this.#isKnown() && this.#fits(asked)) return Promise.resolve(this.#claim(bytes));
    return this.#ensure(asked).then(() => this.#claim(bytes));
  }

  #claim(bytes: number): Claim {
    this.#claimed += bytes;
    this.#written += recordBytes;
    this.#open += 1;
    let held = bytes;
    return {
      ensure: async (wanted) => {
        const missing = wanted - held;
        if (missing <= 0) return;
        await this.#ensure(missing);
        this.#claimed += missing;
        held += missing;
      },
      wrote: (count) => {
        const covered = Math.min(count, held);
        held -= covered;
        this.#claimed -= covered;
        this.#written += count;
      },
      release: () => {
        this.#claimed -= held;
        held = 0;
        this.#open -= 1;
        this.#made += 1;
      },
    };
  }

  /** Whether a part of the reserve was taken when the file system was asked of late. */
  get wasShort(): boolean {
    return this.#parts.elapsed() - this.#shortAt < rememberedMs;
  }

  /** Asks the file system; resolves with the share of the reserve that is free, at most 1. */
  async reserveFree(): Promise<number> {
    await this.#ask();
    const { reserveBytes } = this.#parts;
    return this.#files <= 0 ? 0 : Math.min(1, Math.max(0, 1 + this.#bytes / reserveBytes));
  }

  async #ensure(bytes: number): Promise<void> {
    if (!this.#isKnown() || !this.#fits(bytes)) await this.#ask();
    if (!this.#fits(bytes)) {
      throw s3Error("InsufficientStorage", undefined, { reason: "disk_full" });
    }
  }

  #fits(bytes: number): boolean {
    return (
      this.#files > this.#made + this.#open && this.#bytes - this.#written - this.#claimed >= bytes
    );
  }

  /** The less there is, the sooner it has to be asked for again. */
  #isKnown(): boolean {
    const age = this.#parts.elapsed() - this.#askedAt;
    return age < trustedMs && this.#written * 4 < this.#bytes && this.#made * 4 < this.#files;
  }

  #ask(): Promise<void> {
    this.#asking ??= this.#measure().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #measure(): Promise<void> {
    const { fs, directory, reserveBytes, indexBytes, elapsed } = this.#parts;
    const askedAt = elapsed();
    const written = this.#written;
    const made = this.#made;
    try {
      const [space, index] = await Promise.all([fs.space(directory), indexBytes()]);
      this.#bytes = space.bytesFree - reserveBytes - Math.min(index, compactionBytesMax);
      this.#files = space.filesFree - keptOf(space);
    } catch {
      // Nothing rests on the answer: a disk that is full refuses by itself.
      this.#bytes = Infinity;
      this.#files = Infinity;
    }
    if (this.#bytes < 0 || this.#files <= 0) this.#shortAt = elapsed();
    this.#written -= written;
    this.#made -= made;
    this.#askedAt = askedAt;
  }
}

/** Bytes that a body may still write. Must be released, on every path. */
export interface Claim {
  /** Claims more when so many bytes are to be written and fewer are claimed. */
  ensure(bytes: number): Promise<void>;
  wrote(bytes: number): void;
  /** Once. */
  release(): void;
}

function keptOf({ filesTotal }: Space): number {
  if (filesTotal === Infinity) return 0;
  const share = Math.ceil(filesTotal * filesKept.share);
  return Math.min(filesKept.most, Math.max(filesKept.least, share));
}
