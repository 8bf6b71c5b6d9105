import { after, type KeyRange } from "../index/keys.ts";
import type { Cursor, Entry, OrderedStore } from "../index/ordered-store.ts";

/** What to list: names in byte order, those that share a prefix up to the delimiter as one. */
export interface Scan {
  readonly range: KeyRange;
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  readonly limit: number;
  /** The name in an index key. */
  readonly nameOf: (key: Buffer) => string;
  /** What the index keys of names that begin with `prefix` begin with. */
  readonly keyPrefix: (prefix: string) => Buffer;
}

/** A record, or a prefix that stands for all names it begins. */
type Scanned =
  | { readonly name: string; readonly entry: Entry }
  | { readonly name: string; readonly entry: undefined };

export interface ScanPage {
  readonly found: readonly Scanned[];
  /** Whether there is something behind the last one. */
  readonly more: boolean;
}

/** `name` up to and with the first delimiter behind the prefix; undefined when there is none. */
export function commonPrefix(
  name: string,
  { prefix, delimiter }: Pick<Scan, "delimiter" | "prefix">,
): string | undefined {
  if (delimiter === "") return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : name.slice(0, at + delimiter.length);
}

const batchMax = 1024;
/** Reading on over so many entries costs what a seek and the read behind it cost (measured). */
const seekWorth = 16;
const aheadMin = 2;

/** Reads one page; what a common prefix covers is sought past, so that the cost follows the answer. */
export async function skipScan(store: OrderedStore, scan: Scan): Promise<ScanPage> {
  const { start, end } = scan.range;
  if (scan.limit === 0 || Buffer.compare(start, end) >= 0) return { found: [], more: false };
  const cursor = store.range(start, end);
  try {
    return await collect(cursor, scan);
  } finally {
    await cursor.close();
  }
}

async function collect(cursor: Cursor, scan: Scan): Promise<ScanPage> {
  const found: Scanned[] = [];
  let hidden: string | undefined;
  let batch = scan.delimiter === "" ? batchMax : seekWorth;
  for (;;) {
    const entries = await cursor.next(Math.min(batch, scan.limit - found.length + 1));
    if (entries.length === 0) return { found, more: false };
    const before = found.length;
    for (const entry of entries) {
      const name = scan.nameOf(entry[0]);
      if (hidden !== undefined && name.startsWith(hidden)) continue;
      if (found.length === scan.limit) return { found, more: true };
      hidden = commonPrefix(name, scan);
      found.push(hidden === undefined ? { name, entry } : { name: hidden, entry: undefined });
    }
    const gained = found.length - before;
    if (hidden === undefined || (gained > 1 && gained * seekWorth >= entries.length)) {
      batch = Math.min(batch * 2, batchMax);
    } else {
      // Where one prefix covers much the next one does, too: less and less is read behind a seek.
      batch = Math.max(Math.min(batch, seekWorth) >>> 1, aheadMin);
      cursor.seek(after(scan.keyPrefix(hidden)));
    }
  }
}
