import { DriverFailure } from "../../errors/driver-failure.ts";
import type { Requests } from "./requests.ts";

/** What every server gives in one answer. */
const chunkBytes = 32 * 1024;

/** So many chunks are asked for at once: 2 MiB, which is also what is held in memory. */
const chunksMax = 64;

/** A range of an open file. */
interface Range {
  readonly handle: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * A range of an open file in pieces, asked for before they are wanted. Nothing is asked for before the first. It closes
 * the file at the end, after a failure and when its reader stops.
 */
export class ReadAhead implements AsyncIterableIterator<Uint8Array> {
  readonly #requests: Requests;
  readonly #handle: Buffer;
  readonly #end: number;
  readonly #asked: Promise<Buffer>[] = [];
  #at: number;
  #closing: Promise<void> | undefined;

  constructor(requests: Requests, { handle, start, end }: Range) {
    this.#requests = requests;
    this.#handle = handle;
    this.#at = start;
    this.#end = end;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    try {
      this.#ask();
      const piece = await this.#asked.shift();
      if (piece === undefined) return await this.return();
      this.#ask();
      // The answer is on its way while the last piece is used.
      if (this.#asked.length === 0) void this.#close();
      return { done: false, value: piece };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#at = this.#end;
    this.#asked.length = 0;
    await this.#close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #ask(): void {
    while (this.#closing === undefined && this.#at < this.#end && this.#asked.length < chunksMax) {
      const length = Math.min(chunkBytes, this.#end - this.#at);
      const piece = this.#piece(this.#at, length);
      // Whoever waits for it hears of its failure.
      piece.catch(ignore);
      this.#asked.push(piece);
      this.#at += length;
    }
  }

  /** A server may give less than it is asked for. */
  async #piece(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    for (let read = 0; read < length;) {
      const bytes = await this.#requests.read(this.#handle, buffer.subarray(read), position + read);
      if (bytes === 0) throw new DriverFailure({ kind: "modified" });
      read += bytes;
    }
    return buffer;
  }

  /** A connection that is lost has closed it. */
  #close(): Promise<void> {
    this.#closing ??= this.#requests.unending.close(this.#handle).catch(ignore);
    return this.#closing;
  }
}

function ignore(): void {}
