import { createHash } from "node:crypto";
import { open, rename, unlink, type FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { claimName, leftFiles, releaseName } from "./left-files.ts";

export interface PartialFileOptions {
  /** Names the bytes: what an earlier download left counts only if it was of the same. */
  readonly identity: string;
  readonly resume: boolean;
  readonly bytesMax: number;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly size: number;
}

/** A file on its way: it has a name of its own until it is whole. Errors are Node's own. */
export class PartialFile {
  readonly #path: string;
  readonly #target: string;
  #handle: FileHandle;
  #keep: boolean;
  #size: number;

  /** Opens what an earlier download of the same bytes left, or begins. */
  static async open(file: string, options: PartialFileOptions): Promise<PartialFile> {
    const target = resolve(file);
    const identity = createHash("sha256").update(options.identity).digest("hex").slice(0, 16);
    const path = claimName(target, identity);
    try {
      const left = options.resume ? await takeOver(path, target, identity) : undefined;
      if (left !== undefined && left.size > options.bytesMax) {
        await left.handle.close();
        await unlink(path);
      } else if (left !== undefined) {
        return new PartialFile(left, { path, target, keep: true });
      }
      const handle = await open(path, "wx+");
      return new PartialFile({ handle, size: 0 }, { path, target, keep: options.resume });
    } catch (error) {
      releaseName(path);
      throw error;
    }
  }

  constructor(
    { handle, size }: OpenFile,
    options: { readonly path: string; readonly target: string; readonly keep: boolean },
  ) {
    this.#handle = handle;
    this.#size = size;
    this.#path = options.path;
    this.#target = options.target;
    this.#keep = options.keep;
  }

  /** How many bytes it has. */
  get size(): number {
    return this.#size;
  }

  /** Begins anew. What was there stays as it is for whoever else has it open. */
  async restart(): Promise<void> {
    await this.#handle.close();
    await unlink(this.#path);
    this.#handle = await open(this.#path, "wx+");
    this.#size = 0;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.byteLength > 0) {
      const { bytesWritten } = await this.#handle.write(rest, 0, rest.byteLength, this.#size);
      this.#size += bytesWritten;
      rest = rest.subarray(bytesWritten);
    }
  }

  /** Reads what is there already, in pieces. */
  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    const buffer = Buffer.allocUnsafe(2 ** 20);
    for (let at = 0; at < this.#size;) {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  /** Gives it its name: the bytes first, then the name, each on stable storage. */
  async finish(): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#path, this.#target);
    releaseName(this.#path);
    // Windows opens no directory, and writes names through.
    if (process.platform === "win32") return;
    const directory = await open(dirname(this.#target), "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  /** What is there is of no use: `leave` takes it away. */
  discard(): void {
    this.#keep = false;
  }

  /** Lets go of it after a failure: it stays for the next download, if it is one that can be found again. */
  async leave(): Promise<void> {
    const keep = this.#keep && this.#size > 0;
    // Bytes that a power cut turned to zeros would be taken for the object's.
    const isSynced = keep && (await this.#handle.sync().then(yes, no));
    // A second close, after `finish` failed, finds it closed.
    await this.#handle.close().catch(no);
    if (!isSynced) await unlink(this.#path).catch(no);
    releaseName(this.#path);
  }
}

/** Gives a file that was left our own name: of two that want it, one gets it. */
async function takeOver(
  path: string,
  target: string,
  identity: string,
): Promise<OpenFile | undefined> {
  for (const left of await leftFiles(target, identity)) {
    try {
      await rename(left, path);
    } catch (error) {
      if (isMissing(error)) continue;
      throw error;
    }
    const handle = await open(path, "r+");
    try {
      return { handle, size: (await handle.stat()).size };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
  return undefined;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function yes(): boolean {
  return true;
}

function no(): boolean {
  return false;
}
