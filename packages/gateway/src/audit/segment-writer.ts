import { open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { segmentName } from "./segment.ts";

interface WriterOptions {
  readonly directory: string;
  readonly process: string;
  /** A segment that has become this large is not written to any more. */
  readonly bytesMax: number;
  /** Nor is one that is this old. */
  readonly ageMsMax: number;
}

interface Current {
  readonly file: FileHandle;
  readonly path: string;
  readonly from: number;
  bytes: number;
}

/** Appends to one segment after another. */
export class SegmentWriter {
  readonly #options: WriterOptions;
  #current: Current | undefined;
  #begun = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** The segment that is written to; retention leaves it alone. */
  get path(): string | undefined {
    return this.#current?.path;
  }

  /** Rows in whole lines, from `time` on. On stable storage when it resolves; when it rejects, as good as never there. */
  async append(text: string, time: number): Promise<void> {
    const current = await this.#writable(time);
    try {
      await current.file.appendFile(text);
      await current.file.datasync();
    } catch (cause) {
      // What a disk failed to sync once, it may claim to have synced the next time: the next try goes to another file.
      this.#current = undefined;
      await takeBack(current);
      throw cause;
    }
    current.bytes += Buffer.byteLength(text);
  }

  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.file.close();
  }

  async #writable(time: number): Promise<Current> {
    const { bytesMax, ageMsMax } = this.#options;
    const current = this.#current;
    if (current !== undefined) {
      if (current.bytes < bytesMax && time - current.from < ageMsMax) return current;
      await this.close();
    }
    return (this.#current = await this.#begin(time));
  }

  async #begin(from: number): Promise<Current> {
    const { directory, process } = this.#options;
    const path = join(directory, segmentName(from, process, this.#begun));
    this.#begun += 1;
    const file = await open(path, "ax", 0o600);
    const current = { file, path, from, bytes: 0 };
    try {
      await syncDirectory(directory);
    } catch (cause) {
      await takeBack(current);
      throw cause;
    }
    return current;
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const entry = await open(directory, "r");
  try {
    await entry.sync();
  } finally {
    await entry.close();
  }
}

/** Leaves the segment with what was synced before. */
async function takeBack({ file, path, bytes }: Current): Promise<void> {
  try {
    await (bytes === 0 ? rm(path, { force: true }) : file.truncate(bytes));
  } catch {
    // Then rows can stand there twice, each with the id that it has in the next segment.
  } finally {
    await file.close().catch(() => {});
  }
}
