import {
  bodyKey,
  firstKey,
  pastPrefix,
  recordKey,
  records,
  recordValue,
  scattered,
} from "./records.ts";
import type { Candidate, Entry } from "./candidate.ts";

export interface Scale {
  /** Records in the store before the first question. */
  readonly total: number;
  readonly round: number;
  /** How much a round does: 1 in the short form. */
  readonly effort: number;
}

/** Answers how many of the question's `unit` it did. */
export type Ask = (store: Candidate) => Promise<number>;

export interface Question {
  readonly asks: string;
  readonly unit: string;
  /** Makes keys and values, which must not count, and returns what is timed for each candidate. */
  prepare(scale: Scale): Ask;
}

function writing(batches: readonly (readonly Entry[])[], synced: boolean): Ask {
  return async (store) => {
    for (const batch of batches) await store.write(batch, { synced });
    return batches.reduce((sum, batch) => sum + batch.length, 0);
  };
}

function recordBatches(count: number, { total, round }: Scale): Entry[][] {
  return Array.from({ length: count }, (_, index) =>
    records({ index: (round * count + index) * 16, count: 16, total }),
  );
}

function bodies(count: number, round: number): Entry[] {
  return Array.from({ length: count }, (_, index) => {
    const number = round * count + index;
    return [bodyKey(number), recordValue(number, 1024)];
  });
}

function keys(count: number, { total, round }: Scale): Buffer[] {
  return Array.from({ length: count }, (_, index) =>
    recordKey(scattered(round * count + index, total)),
  );
}

function found(value: Buffer | undefined, size: number): void {
  if (value?.length !== size) throw new Error(`expected ${size} bytes, got ${value?.length}`);
}

function gettingSync(wanted: readonly Buffer[], size: number): Ask {
  return async (store) => {
    for (const key of wanted) found(store.getSync(key), size);
    return wanted.length;
  };
}

async function skipScan(store: Candidate): Promise<void> {
  const cursor = store.cursor();
  let prefixes = 0;
  let key = await cursor.seek(firstKey);
  while (key !== undefined && prefixes < 1000) {
    prefixes++;
    key = await cursor.seek(pastPrefix(key));
  }
  await cursor.close();
  if (prefixes !== 1000) throw new Error(`expected 1000 common prefixes, saw ${prefixes}`);
}

const writes: readonly Question[] = [
  {
    asks: "write 16 records a batch, unsynced",
    unit: "records",
    prepare: (scale) => writing(recordBatches(100 * scale.effort, scale), false),
  },
  {
    asks: "write 16 records a batch, each batch synced",
    unit: "records",
    prepare: (scale) => writing(recordBatches(25, scale), true),
  },
  {
    asks: "write 16 bodies of 1 KiB a batch, unsynced",
    unit: "bodies",
    prepare({ round, effort }) {
      const all = bodies(800 * effort, round);
      const starts = Array.from({ length: 50 * effort }, (_, index) => index * 16);
      return writing(
        starts.map((start) => all.slice(start, start + 16)),
        false,
      );
    },
  },
  {
    asks: "100 unsynced batches of 16, then flush",
    unit: "records",
    prepare(scale) {
      const write = writing(recordBatches(100, scale), false);
      return async (store) => {
        const count = await write(store);
        await store.flush();
        return count;
      };
    },
  },
];

const reads: readonly Question[] = [
  {
    asks: "get a record, synchronous",
    unit: "gets",
    prepare: (scale) => gettingSync(keys(5000 * scale.effort, scale), 300),
  },
  {
    asks: "get a record, asynchronous, 16 at once",
    unit: "gets",
    prepare(scale) {
      const wanted = keys(2560 * scale.effort, scale);
      return async (store) => {
        for (let index = 0; index < wanted.length; index += 16) {
          const some = wanted.slice(index, index + 16);
          for (const value of await Promise.all(some.map(async (key) => store.get(key))))
            found(value, 300);
        }
        return wanted.length;
      };
    },
  },
  {
    asks: "get a body of 1 KiB, synchronous",
    unit: "gets",
    prepare: ({ round, effort }) =>
      gettingSync(
        bodies(800 * effort, round).map(([key]) => key),
        1024,
      ),
  },
  {
    asks: "page of 1000 by range scan",
    unit: "pages",
    prepare:
      ({ total, round, effort }) =>
      async (store) => {
        const count = 10 * effort;
        for (let index = 0; index < count; index++) {
          // The last prefixes have fewer than 1000 keys after them.
          const prefix = scattered(round * count + index, total) % 800;
          const page = await store.page(recordKey(prefix), 1000);
          if (page.length !== 1000) throw new Error(`expected 1000 entries, got ${page.length}`);
        }
        return count;
      },
  },
  {
    asks: "page of 1000 common prefixes by skip scan",
    unit: "pages",
    prepare:
      ({ effort }) =>
      async (store) => {
        for (let index = 0; index < 2 * effort; index++) await skipScan(store);
        return 2 * effort;
      },
  },
];

/** In this order: the reads find what the writes of the same round left. */
export const questions: readonly Question[] = [...writes, ...reads];
