import { constants } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import type { FileStat, WholeBody } from "../../driver.ts";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { fileStat } from "./file-stat.ts";

const pieceBytes = 256 * 1024;
const readBytesMax = 8 * 1024 * 1024;

/** Which bytes to read, and of what. */
interface FileRange {
  /** The first byte. */
  readonly start: number;
  /** The byte after the last one. */
  readonly end: number;
  /** The file when it was opened. */
  readonly stat: FileStat;
}

/**
 * A range of an open file in pieces. It closes the file at the end, after a failure and when its reader stops. What
 * another program changes in the file itself between two pieces is `modified`, unless the file only grew.
 */
export class FilePieces implements AsyncIterableIterator<Uint8Array>, WholeBody {
  readonly #handle: FileHandle;
  readonly #end: number;
  readonly #stat: FileStat;
  #at: number;
  #reads = 0;
  #isOver = false;

  constructor(handle: FileHandle, { start, end, stat }: FileRange) {
    this.#handle = handle;
    this.#at = start;
    this.#end = end;
    this.#stat = stat;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      const length = Math.min(pieceBytes, this.#end - this.#at);
      if (length <= 0) {
        await this.#requireUnchanged();
        return await this.return();
      }
      const buffer = Buffer.allocUnsafe(length);
      return { done: false, value: buffer.subarray(0, await this.#read(buffer, 0)) };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async bytes(): Promise<Uint8Array> {
    try {
      const length = Math.max(0, this.#end - this.#at);
      if (length > constants.MAX_LENGTH) {
        const message = "There are too many bytes to be read at once.";
        throw new DriverFailure({ kind: "invalid-request", message });
      }
      const buffer = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length && !this.#isOver) filled += await this.#read(buffer, filled);
      if (filled < length) {
        const message = "The read was disposed of before its end.";
        throw new DriverFailure({ kind: "aborted", message });
      }
      await this.#requireUnchanged();
      return buffer;
    } finally {
      await this.return();
    }
  }

  async dispose(): Promise<void> {
    await this.return();
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#isOver = true;
    await this.#handle.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Reads what is next into a buffer. */
  async #read(buffer: Uint8Array, filled: number): Promise<number> {
    const length = Math.min(readBytesMax, buffer.byteLength - filled);
    const { bytesRead } = await this.#handle.read(buffer, filled, length, this.#at);
    if (bytesRead === 0) throw new DriverFailure({ kind: "modified" });
    this.#reads += 1;
    this.#at += bytesRead;
    return bytesRead;
  }

  /** One read has seen one state of the file, so only more of them can be of two. */
  async #requireUnchanged(): Promise<void> {
    if (this.#reads < 2 || this.#isOver) return;
    const now = fileStat(await this.#handle.stat({ bigint: true }));
    const hasGrown = now.size > this.#stat.size;
    if (now.etag !== this.#stat.etag && !hasGrown) throw new DriverFailure({ kind: "modified" });
  }
}
