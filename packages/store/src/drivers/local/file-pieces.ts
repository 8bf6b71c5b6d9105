import type { FileHandle } from "node:fs/promises";
import { DriverFailure } from "../../errors/driver-failure.ts";

const pieceBytes = 256 * 1024;

/** A range of an open file in pieces. It closes the file at the end, after a failure and when its reader stops. */
export class FilePieces implements AsyncIterableIterator<Uint8Array> {
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

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#at = this.#end;
    await this.#handle.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
