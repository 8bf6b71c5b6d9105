import type { FsFile } from "../disk/fs.ts";
import { writeFully } from "../disk/write-fully.ts";
import { blockCrcs, encodeFooter } from "./blob-format.ts";

/** Writes one blob, from its first byte to its footer. Not for two callers at once. */
export class BlobWriter {
  readonly blob: number;
  readonly #file: FsFile;
  readonly #crcs: number[] = [];
  #length = 0;

  constructor(blob: number, file: FsFile) {
    this.blob = blob;
    this.#file = file;
  }

  /** All pieces but the last are whole blocks. The piece is the writer's until the promise settles. */
  async append(piece: Buffer): Promise<void> {
    blockCrcs(piece, this.#crcs);
    const position = this.#length;
    this.#length += piece.length;
    await writeFully(this.#file, piece, position);
  }

  /** Appends the last piece; resolves once every byte is on stable storage and the file is closed. */
  async finish(piece: Buffer): Promise<void> {
    blockCrcs(piece, this.#crcs);
    const shape = { blob: this.blob, length: this.#length + piece.length };
    const end = Buffer.concat([piece, encodeFooter(shape, this.#crcs)]);
    await writeFully(this.#file, end, this.#length);
    await this.#file.datasync();
    await this.#file.close();
  }

  /** Lets go of the file without a promise about its bytes. */
  abandon(): Promise<void> {
    return this.#file.close();
  }
}
