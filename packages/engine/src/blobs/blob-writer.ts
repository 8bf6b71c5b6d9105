import type { FsFile } from "../disk/fs.ts";
import { writeFully } from "../disk/write-fully.ts";
import { blockBytes, blockCrcs, encodeFooter } from "./blob-format.ts";

/** Bytes after which the disk is set to work, so that the last sync has little left to wait for. */
const flushBytes = 8 * 1024 * 1024;

/** A last piece up to this size is copied for one write of it and the footer. */
const copiedBytesMax = 4 * blockBytes;

interface BlobParts {
  readonly blob: number;
  readonly file: FsFile;
  /** Gives the file its name, once all of it is on stable storage. */
  readonly publish: () => Promise<void>;
}

/** Writes one blob, from its first byte to its footer. Not for two callers at once. */
export class BlobWriter {
  readonly blob: number;
  readonly #file: FsFile;
  readonly #publish: () => Promise<void>;
  readonly #crcs: number[] = [];
  #length = 0;
  #flushed = 0;
  #flushing: Promise<void> | undefined;

  constructor({ blob, file, publish }: BlobParts) {
    this.blob = blob;
    this.#file = file;
    this.#publish = publish;
  }

  /** All pieces but the last are whole blocks. The piece is the writer's until the promise settles. */
  async append(piece: Buffer): Promise<void> {
    blockCrcs(piece, this.#crcs);
    const position = this.#length;
    this.#length += piece.length;
    await writeFully(this.#file, piece, position);
    if (this.#length - this.#flushed >= flushBytes) await this.#flush();
  }

  /** Appends the last piece; resolves once every byte is on stable storage, under the blob's own name. */
  async finish(piece: Buffer): Promise<void> {
    blockCrcs(piece, this.#crcs);
    const shape = { blob: this.blob, length: this.#length + piece.length };
    const footer = encodeFooter(shape, this.#crcs);
    if (piece.length <= copiedBytesMax) {
      await writeFully(this.#file, Buffer.concat([piece, footer]), this.#length);
    } else {
      await writeFully(this.#file, piece, this.#length);
      await writeFully(this.#file, footer, shape.length);
    }
    await this.#flushing;
    await this.#file.datasync();
    await this.#file.close();
    await this.#publish();
  }

  /** Lets go of the file without a promise about its bytes. */
  async abandon(): Promise<void> {
    await this.#flushing?.catch(() => undefined);
    await this.#file.close();
  }

  /** Begins to sync what was written so far, once what was begun before has ended. */
  async #flush(): Promise<void> {
    this.#flushed = this.#length;
    await this.#flushing;
    this.#flushing = this.#file.datasync();
    // Met by whoever awaits it next.
    this.#flushing.catch(() => undefined);
  }
}
