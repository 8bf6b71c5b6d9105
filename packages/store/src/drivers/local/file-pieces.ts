import type { FileHandle } from "node:fs/promises";
import type { WholeBody } from "../../driver.ts";
import { DriverFailure } from "../../errors/driver-failure.ts";

const pieceBytes = 256 * 1024;
const readBytesMax = 8 * 1024 * 1024;

/** A range of an open file in pieces. It closes the file at the end, after a failure and when its reader stops. */
export class FilePieces implements AsyncIterableIterator<Uint8Array>, WholeBody {
  readonly #handle: FileHandle;
  readonly #end: number;
  #at: number;

  /** From the byte `start` to before the byte `end`. */
  constructor(handle: FileHandle, start: number, end: number) {
    this.#handle = handle;
    this.#at = start;
    this.#end = end;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const length = Math.min(pieceBytes, this.#end - this.#at);
    if (length <= 0) return this.return();
    try {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await this.#handle.read(buffer, 0, length, this.#at);
      if (bytesRead === 0) throw new DriverFailure({ kind: "modified" });
      this.#at += bytesRead;
      return { done: false, value: buffer.subarray(0, bytesRead) };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async bytes(): Promise<Uint8Array> {
    try {
      const buffer = Buffer.allocUnsafe(Math.max(0, this.#end - this.#at));
      let filled = 0;
      while (this.#at < this.#end) {
        const length = Math.min(readBytesMax, this.#end - this.#at);
        const { bytesRead } = await this.#handle.read(buffer, filled, length, this.#at);
        if (bytesRead === 0) throw new DriverFailure({ kind: "modified" });
        this.#at += bytesRead;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    } finally {
      await this.#handle.close();
    }
  }

  async dispose(): Promise<void> {
    await this.return();
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#at = this.#end;
    await this.#handle.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
