const blockBytes = 64 * 1024;

/** What blocks are read of. */
export interface BlockSource {
  /** In bytes. */
  readonly size: number;
  /** How many bytes are kept, at most. */
  readonly bufferBytes: number;
  /** Exactly these bytes, which are all within the size. */
  readonly fetch: (offset: number, length: number) => Promise<Uint8Array>;
}

/**
 * Ranges of a file that is read in blocks, of which the last used are kept. Blocks that are missing beside one another
 * are fetched at once, what two reads want is fetched once, and a reader that goes on where the last one ended has more
 * fetched each time.
 */
export class BlockCache {
  readonly #source: BlockSource;
  readonly #blocksMax: number;
  /** In the order of their last use. */
  readonly #blocks = new Map<number, Promise<Uint8Array>>();
  /** Where the last fetch ended, and how many blocks it had. */
  #last = { end: -1, blocks: 0 };

  constructor(source: BlockSource) {
    this.#source = source;
    this.#blocksMax = Math.floor(source.bufferBytes / blockBytes);
  }

  /** The bytes of a range as far as there are any, in memory of their own. */
  async read(offset: number, lengthMax: number): Promise<Uint8Array> {
    const { size, fetch } = this.#source;
    const length = Math.min(lengthMax, size - offset);
    if (length <= 0) return new Uint8Array();
    const first = Math.floor(offset / blockBytes);
    const last = Math.floor((offset + length - 1) / blockBytes);
    if (last - first + 1 > this.#blocksMax) return fetch(offset, length);
    const bytes = new Uint8Array(length);
    const blocks = await Promise.all(this.#wanted(first, last));
    for (const [index, block] of blocks.entries()) {
      const start = (first + index) * blockBytes - offset;
      const part = block.subarray(Math.max(0, -start), Math.max(0, length - start));
      bytes.set(part, Math.max(0, start));
    }
    return bytes;
  }

  /** Keeps nothing any more. */
  clear(): void {
    this.#blocks.clear();
  }

  #wanted(first: number, last: number): readonly Promise<Uint8Array>[] {
    const wanted: Promise<Uint8Array>[] = [];
    for (let index = first; index <= last; index += 1) {
      if (!this.#blocks.has(index)) this.#fetch(index, last);
      const block = this.#blocks.get(index);
      if (block === undefined) continue;
      this.#blocks.delete(index);
      this.#blocks.set(index, block);
      wanted.push(block);
    }
    this.#shrink();
    return wanted;
  }

  /** Fetches a block with those after it that are missing too, as far as they are wanted or likely to be. */
  #fetch(first: number, lastWanted: number): void {
    const isGoingOn = first === this.#last.end;
    const ahead = isGoingOn ? Math.min(this.#last.blocks * 2, Math.ceil(this.#blocksMax / 2)) : 1;
    const lastOfFile = Math.ceil(this.#source.size / blockBytes) - 1;
    const lastLikely = Math.min(Math.max(lastWanted, first + ahead - 1), lastOfFile);
    let end = first + 1;
    while (end <= lastLikely && !this.#blocks.has(end)) end += 1;
    this.#last = { end, blocks: end - first };
    const start = first * blockBytes;
    const length = Math.min(end * blockBytes, this.#source.size) - start;
    const run = this.#source.fetch(start, length);
    for (let index = first; index < end; index += 1) {
      // A copy: a block that is kept must not keep the whole run.
      const block = run.then((bytes) =>
        bytes.slice((index - first) * blockBytes, (index - first + 1) * blockBytes),
      );
      this.#blocks.set(index, block);
      block.catch(() => this.#forget(index, block));
    }
  }

  #forget(index: number, block: Promise<Uint8Array>): void {
    if (this.#blocks.get(index) === block) this.#blocks.delete(index);
  }

  #shrink(): void {
    for (const index of this.#blocks.keys()) {
      if (this.#blocks.size <= this.#blocksMax) return;
      this.#blocks.delete(index);
    }
  }
}
