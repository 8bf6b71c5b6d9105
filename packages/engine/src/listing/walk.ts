import { after } from "../index/keys.ts";
import type { Cursor, Entry } from "../index/ordered-store.ts";

/** How names show: in byte order, those that share a prefix up to the delimiter as one. */
export interface Shown {
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  /** The name in an index key. */
  readonly nameOf: (key: Buffer) => string;
  /** What the index keys of names that begin with `prefix` begin with. */
  readonly keyPrefix: (prefix: string) => Buffer;
}

/** A record, or a prefix that stands for all names it begins. */
export type Scanned =
  | { readonly name: string; readonly entry: Entry }
  | { readonly name: string; readonly entry: undefined };

/** `name` up to and with the first delimiter behind the prefix; undefined when there is none. */
export function commonPrefix(
  name: string,
  { prefix, delimiter }: Pick<Shown, "delimiter" | "prefix">,
): string | undefined {
  if (delimiter === "") return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : name.slice(0, at + delimiter.length);
}

const batchMax = 1024;
/** Reading on over so many entries costs what a seek and the read behind it cost (measured). */
const seekWorth = 16;
const aheadMin = 2;

/** Collects what a cursor walks over, by one read at a time; what a common prefix covers is sought past. */
export class Walk {
  readonly found: Scanned[] = [];
  readonly #cursor: Cursor;
  readonly #shown: Shown;
  #batch: number;
  #hidden: string | undefined;
  #ended = false;
  #from: Buffer | undefined;
  #seeks = 0;

  constructor(cursor: Cursor, shown: Shown) {
    this.#cursor = cursor;
    this.#shown = shown;
    this.#batch = shown.delimiter === "" ? batchMax : seekWorth;
  }

  /** Whether there is nothing behind what was found. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Where it sought to last. */
  get from(): Buffer | undefined {
    return this.#from;
  }

  /** Seeks without a read in between that found more than one. */
  get seeks(): number {
    return this.#seeks;
  }

  /** Reads once, and finds at most `most` more. */
  async step(most: number): Promise<void> {
    const entries = await this.#cursor.next(Math.min(this.#batch, most));
    if (entries.length === 0) {
      this.#ended = true;
      return;
    }
    const gained = this.#take(entries, most);
    if (gained === most) return;
    if (this.#hidden === undefined || (gained > 1 && gained * seekWorth >= entries.length)) {
      this.#batch = Math.min(this.#batch * 2, batchMax);
      this.#seeks = 0;
      return;
    }
    // Where one prefix covers much the next one does, too: less and less is read behind a seek.
    this.#batch = Math.max(Math.min(this.#batch, seekWorth) >>> 1, aheadMin);
    this.#from = after(this.#shown.keyPrefix(this.#hidden));
    this.#cursor.seek(this.#from);
    this.#seeks += 1;
  }

  /** How many of them show. */
  #take(entries: readonly Entry[], most: number): number {
    const before = this.found.length;
    for (const entry of entries) {
      const name = this.#shown.nameOf(entry[0]);
      if (this.#hidden !== undefined && name.startsWith(this.#hidden)) continue;
      this.#hidden = commonPrefix(name, this.#shown);
      const hidden = this.#hidden;
      this.found.push(hidden === undefined ? { name, entry } : { name: hidden, entry: undefined });
      if (this.found.length - before === most) break;
    }
    return this.found.length - before;
  }
}
