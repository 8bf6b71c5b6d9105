import { join } from "node:path";
import type { Random } from "../clock.ts";
import type { FsFile } from "../disk/fs.ts";
import type { Volume } from "../disk/volume.ts";
import { writeFully } from "../disk/write-fully.ts";
import type { Change } from "../index/ordered-store.ts";
import { encodeFrame, saltBytes } from "./frame.ts";
import { encodeLogHeader, logFileName, logHeaderBytes } from "./log-file.ts";

/** Where a log goes on, and on what. */
export interface LogStart {
  readonly directory: string;
  readonly volume: Volume;
  readonly random: Random;
  /** Of the file to be made; none of that or a higher number is there. */
  readonly number: number;
  readonly nextSequence: number;
  /** Numbers of the files before it, in order. */
  readonly older: readonly number[];
  /** How far ahead of its commits a file is filled with zeros. */
  readonly aheadBytes: number;
}

interface OpenFile {
  readonly file: FsFile;
  readonly salt: Buffer;
  /** Up to here commits overwrite zeros, and a sync has no new length or blocks to write down. */
  readonly zeroedTo: number;
}

/** The files of commits since the last checkpoint, and the end of the newest. Not for two callers at once. */
export class CommitLog {
  readonly #directory: string;
  readonly #volume: Volume;
  readonly #random: Random;
  readonly #older: number[];
  readonly #aheadBytes: number;
  #number: number;
  #open: OpenFile;
  #size = logHeaderBytes;
  #zeroedTo: number;
  #nextSequence: number;

  private constructor(start: LogStart, open: OpenFile) {
    this.#directory = start.directory;
    this.#volume = start.volume;
    this.#random = start.random;
    this.#older = [...start.older];
    this.#aheadBytes = start.aheadBytes;
    this.#number = start.number;
    this.#nextSequence = start.nextSequence;
    this.#open = open;
    this.#zeroedTo = open.zeroedTo;
  }

  /** Begins a file, durably. */
  static async start(start: LogStart): Promise<CommitLog> {
    return new CommitLog(start, await createLogFile(start));
  }

  /** Of the next frame. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** Bytes of the newest file that hold commits. */
  get size(): number {
    return this.#size;
  }

  /** Resolves once the changes are on stable storage; after a rejection they are not in the log. */
  async append(changes: readonly Change[]): Promise<void> {
    const { file, salt } = this.#open;
    const frame = encodeFrame(salt, this.#nextSequence, changes);
    const end = this.#size + frame.length;
    try {
      await writeFully(file, frame, this.#size);
    } catch (error) {
      await this.#cutBack();
      throw error;
    }
    if (end > this.#zeroedTo) this.#zeroedTo = await writeZeros(file, end, this.#aheadBytes);
    await file.datasync();
    this.#size = end;
    this.#nextSequence += 1;
  }

  /** Goes on in a new file; the ones before it stay until `dropOlder`. */
  async rotate(): Promise<void> {
    const next = await createLogFile({
      directory: this.#directory,
      volume: this.#volume,
      random: this.#random,
      number: this.#number + 1,
      nextSequence: this.#nextSequence,
      aheadBytes: this.#aheadBytes,
    });
    const { file } = this.#open;
    this.#older.push(this.#number);
    this.#number += 1;
    this.#open = next;
    this.#size = logHeaderBytes;
    this.#zeroedTo = next.zeroedTo;
    // All of it is synced, so that a failure to close it takes nothing away.
    await file.close().catch(() => undefined);
  }

  /** Deletes the files before the newest, the oldest first and each durably: no gap can be found later. */
  async dropOlder(): Promise<void> {
    const { fs } = this.#volume;
    for (let [number] = this.#older; number !== undefined; [number] = this.#older) {
      await fs.unlink(join(this.#directory, logFileName(number)));
      await fs.syncDirectory(this.#directory);
      this.#older.shift();
    }
  }

  close(): Promise<void> {
    return this.#open.file.close();
  }

  // What a refused write left behind must not be taken for a torn commit, and a shorter frame over
  // it would leave its end standing.
  async #cutBack(): Promise<void> {
    this.#zeroedTo = this.#size;
    try {
      await this.#open.file.truncate(this.#size);
      await this.#open.file.datasync();
    } catch (error) {
      this.#volume.fail("log_failed", error);
    }
  }
}

async function createLogFile(start: Omit<LogStart, "older">): Promise<OpenFile> {
  const { fs } = start.volume;
  const salt = start.random(saltBytes);
  const path = join(start.directory, logFileName(start.number));
  const file = await fs.open(path, "create");
  try {
    await writeFully(file, encodeLogHeader({ salt, firstSequence: start.nextSequence }), 0);
    const zeroedTo = await writeZeros(file, logHeaderBytes, start.aheadBytes);
    await file.datasync();
    await fs.syncDirectory(start.directory);
    return { file, salt, zeroedTo };
  } catch (error) {
    await remove(start.volume, file, path);
    throw error;
  }
}

/**
 * Fills the file with zeros from `position` on; resolves with where they end. No promise rests on
 * them, so that a disk without room for them still takes commits.
 */
async function writeZeros(file: FsFile, position: number, length: number): Promise<number> {
  try {
    await writeFully(file, Buffer.alloc(length), position);
    return position + length;
  } catch {
    return position;
  }
}

/** A file that begins where an older one goes on must never be found beside it. */
async function remove(volume: Volume, file: FsFile, path: string): Promise<void> {
  try {
    await file.close();
    await volume.fs.unlink(path);
  } catch (error) {
    volume.fail("log_failed", error);
  }
}
