import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../../disk/disk-error.ts";
import {
  entries,
  footerBytes,
  isSound,
  readBlock,
  readFooter,
  trailerBytes,
  type Handle,
} from "./check-table.ts";
import { userKey, type LiveTable } from "./live-tables.ts";
import { lowerBound } from "../lower-bound.ts";
import type { OpenTables } from "./open-tables.ts";

/** What a table consists of, kept from its first look-up. */
interface Layout {
  /** The last key that each block may hold, in order. */
  readonly lastKeys: readonly Buffer[];
  readonly blocks: readonly Handle[];
  readonly filters: readonly Handle[];
}

const layoutsMax = 512;
const triesMax = 3;

/**
 * Vouches for keys that LevelDB does not find: it looks at no checksum when it reads, so a key in a
 * block that rotted would look as if it had never been there.
 */
export class Absence {
  readonly #directory: string;
  readonly #tables: OpenTables;
  readonly #layouts = new Map<number, Layout>();

  constructor(directory: string, tables: OpenTables) {
    this.#directory = directory;
    this.#tables = tables;
  }

  /** Throws a `RangeError` when a block or filter that decides on the key is damaged. */
  assert(key: Buffer): void {
    for (let tries = 1; ; tries += 1) {
      const tables = this.#tables.live();
      try {
        for (const table of tables) {
          const covers = Buffer.compare(table.from, key) <= 0 && Buffer.compare(key, table.to) <= 0;
          if (covers) this.#assertIn(table, key);
        }
        return;
      } catch (error) {
        // A compaction took the table away: what was in it is in others by now.
        if (errnoOf(error) !== "ENOENT" || tries === triesMax) throw error;
      }
    }
  }

  #assertIn(table: LiveTable, key: Buffer): void {
    const name = `${String(table.number).padStart(6, "0")}.ldb`;
    const file = openSync(join(this.#directory, name), "r");
    try {
      const layout = this.#layout(table, file);
      for (const filter of layout.filters) assertSound(file, filter);
      // Versions of one key may go on in the block behind the one that ends with it.
      let at = lowerBound(layout.lastKeys, (last) => Buffer.compare(last, key) < 0);
      for (; at < layout.blocks.length; at += 1) {
        const block = layout.blocks[at];
        if (block !== undefined) assertSound(file, block);
        if (!layout.lastKeys[at]?.equals(key)) return;
      }
    } finally {
      closeSync(file);
    }
  }

  #layout({ number, length }: LiveTable, file: number): Layout {
    const known = this.#layouts.get(number);
    if (known !== undefined) return known;
    const layout = readLayout(file, length);
    const [oldest] = this.#layouts.keys();
    if (this.#layouts.size >= layoutsMax && oldest !== undefined) this.#layouts.delete(oldest);
    this.#layouts.set(number, layout);
    return layout;
  }
}

function readLayout(file: number, length: number): Layout {
  const { filters, index } = readFooter(
    readAt(file, { offset: length - footerBytes, length: footerBytes }),
  );
  const blocks = [...entries(blockAt(file, index))];
  return {
    lastKeys: blocks.map(([key]) => userKey(key)),
    blocks: blocks.map(([, handle]) => handle),
    filters: [...entries(blockAt(file, filters))].map(([, handle]) => handle),
  };
}

function assertSound(file: number, { offset, length }: Handle): void {
  const bytes = readAt(file, { offset, length: length + trailerBytes });
  if (!isSound(bytes, { offset: 0, length })) throw new RangeError("a block is damaged");
}

function blockAt(file: number, { offset, length }: Handle): Buffer {
  const bytes = readAt(file, { offset, length: length + trailerBytes });
  return readBlock(bytes, { offset: 0, length });
}

function readAt(file: number, { offset, length }: Handle): Buffer {
  const bytes = Buffer.alloc(length);
  if (readSync(file, bytes, 0, length, offset) < length) throw new RangeError("the file is short");
  return bytes;
}
