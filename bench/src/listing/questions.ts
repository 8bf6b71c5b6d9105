import type { ListEntry } from "@holdfast/engine";
import { bucket, keyAt, type Filled } from "./bucket.ts";

/** A page to ask for, and what it must not exceed. */
export interface Question {
  readonly asks: string;
  readonly entries: number;
  /** Asks a bucket; `at` from 0 to 1 says where in it. */
  readonly page: (filled: Filled, at: number) => Promise<readonly ListEntry[]>;
  /** Of the large bucket's page; a page of keys has it. */
  readonly barMs?: number;
}

/** What a page of the large bucket may take, of the small one's, by time and by CPU time. */
export const barRatio = 1.5;
const barMs = 5;

/** The most that S3 answers at once. */
const limit = 1000;

interface Asked {
  readonly delimiter: string;
  readonly after: string;
}

async function list({ engine }: Filled, { delimiter, after }: Asked) {
  return engine.listObjects({ bucket, prefix: "", delimiter, after, limit });
}

function keyBefore({ keys }: Filled, at: number): string {
  return keyAt(Math.floor(at * (keys - limit - 1)), keys);
}

async function entriesOf(filled: Filled, asked: Asked): Promise<readonly ListEntry[]> {
  return (await list(filled, asked)).entries;
}

/** As a listing without skips would do it: through every key that the prefixes cover. */
async function prefixesByReadingOn(filled: Filled): Promise<readonly ListEntry[]> {
  const found = new Map<string, ListEntry>();
  for (let after: string | undefined = ""; after !== undefined;) {
    const { entries, next } = await list(filled, { delimiter: "", after });
    for (const entry of entries) {
      if (entry.type !== "object") continue;
      const prefix = entry.object.key.slice(0, entry.object.key.indexOf("/") + 1);
      found.set(prefix, { type: "prefix", prefix });
    }
    after = next;
  }
  return [...found.values()];
}

const keysFromStart: Question = {
  asks: "1,000 keys, from the start",
  entries: limit,
  page: (filled) => entriesOf(filled, { delimiter: "", after: "" }),
  barMs,
};

/** The page whose memory is measured, too. */
export const keysAnywhere: Question = {
  asks: "1,000 keys, anywhere",
  entries: limit,
  page: (filled, at) => entriesOf(filled, { delimiter: "", after: keyBefore(filled, at) }),
  barMs,
};

const hundredPrefixes: Question = {
  asks: "100 prefixes that share all keys",
  entries: 100,
  page: (filled) => entriesOf(filled, { delimiter: "/", after: "" }),
};

const thousandPrefixes: Question = {
  asks: "1,000 prefixes that share all keys",
  entries: limit,
  page: (filled) => entriesOf(filled, { delimiter: "-", after: "" }),
};

const prefixesOfOneKey: Question = {
  asks: "1,000 prefixes of a key each, anywhere",
  entries: limit,
  page: (filled, at) => entriesOf(filled, { delimiter: "=", after: keyBefore(filled, at) }),
};

/** The questions; `sabotaged`, one of them is answered by reading every key. */
export function questions(sabotaged: boolean): readonly Question[] {
  return [
    keysFromStart,
    keysAnywhere,
    sabotaged ? { ...hundredPrefixes, page: prefixesByReadingOn } : hundredPrefixes,
    thousandPrefixes,
    prefixesOfOneKey,
  ];
}
