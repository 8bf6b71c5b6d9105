import { createHash, randomUUID } from "node:crypto";
import { open, rename, unlink, type FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Files that a download of this process is writing: no second one may write into the same. */
const active = new Set<string>();

export interface PartialFileOptions {
  /** Names the bytes: what an earlier download left counts only if it was of the same. */
  readonly identity: string;
  readonly resume: boolean;
  readonly bytesMax: number;
}

/** A file on its way: it has a name of its own until it is whole. */
export class PartialFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #target: string;
  #keep: boolean;
  #size: number;

  /** Opens what an earlier download of the same bytes left, or begins. */
  static async open(file: string, options: PartialFileOptions): Promise<PartialFile> {
    const target = resolve(file);
    const hash = createHash("sha256").update(options.identity).digest("hex").slice(0, 16);
    const shared = `${target}.${hash}.part`;
    const isOwn = options.resume && !active.has(shared);
    const path = isOwn ? shared : `${target}.${randomUUID()}.part`;
    active.add(path);
    try {
      const handle = await openAppending(path);
      const { size } = await handle.stat();
      if (size > options.bytesMax) await handle.truncate(0);
      return new PartialFile(handle, {
        path,
        target,
        keep: isOwn,
        size: size > options.bytesMax ? 0 : size,
      });
    } catch (error) {
      active.delete(path);
      throw error;
    }
  }

  constructor(
    handle: FileHandle,
    options: {
      readonly path: string;
      readonly target: string;
      readonly keep: boolean;
      readonly size: number;
    },
  ) {
    this.#handle = handle;
    this.#path = options.path;
    this.#target = options.target;
    this.#keep = options.keep;
    this.#size = options.size;
  }

  /** How many bytes it has. */
  get size(): number {
    return this.#size;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.byteLength > 0) {
      const { bytesWritten } = await this.#handle.write(rest, 0, rest.byteLength, this.#size);
      this.#size += bytesWritten;
      rest = rest.subarray(bytesWritten);
    }
  }

  /** Reads what is there already. */
  async read(take: (bytes: Uint8Array) => void): Promise<void> {
    const buffer = Buffer.allocUnsafe(2 ** 20);
    for (let at = 0; at < this.#size;) {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      take(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  }

  /** Gives it its name: the bytes first, then the name, each on stable storage. */
  async finish(): Promise<void> {
    await this.#handle.sync();
    await this.#close();
    await rename(this.#path, this.#target);
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
    if (keep) await this.#handle.sync().catch(ignore);
    await this.#close();
    if (!keep) await unlink(this.#path).catch(ignore);
  }

  async #close(): Promise<void> {
    active.delete(this.#path);
    // A second close, after `finish` failed, finds it closed.
    await this.#handle.close().catch(ignore);
  }
}

/** Opens for reading and writing, without cutting what is there. */
async function openAppending(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    return await open(path, "wx+");
  }
}

function ignore(): void {}
