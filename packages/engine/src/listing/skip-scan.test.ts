import { array, assert, asyncProperty, boolean, integer, oneof, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { nameAt, objectKey, objectPrefix, startingWith } from "../index/keys.ts";
import { memoryStore } from "../index/memory-store.ts";
import type { OrderedStore } from "../index/ordered-store.ts";
import { skipScan, type ScanPage } from "./skip-scan.ts";

const bucket = "b";
const nameOffset = objectPrefix(bucket, "").length;

interface Counts {
  entries: number;
  reads: number;
  seeks: number;
}

/** A store of the names that counts what is read of it; one that cannot seek stays where it is. */
function counted(names: readonly string[], { seeks } = { seeks: true }) {
  const durable = new Map(
    names.map((name) => [objectKey(bucket, name).toString("latin1"), Buffer.alloc(0)]),
  );
  const counts: Counts = { entries: 0, reads: 0, seeks: 0 };
  const below = memoryStore({ durable, unflushed: [] });
  const store: OrderedStore = {
    ...below,
    range(start, end) {
      const cursor = below.range(start, end);
      return {
        async next(count) {
          const entries = await cursor.next(count);
          counts.reads += 1;
          counts.entries += entries.length;
          return entries;
        },
        seek(key) {
          counts.seeks += 1;
          if (seeks) cursor.seek(key);
        },
        close: () => cursor.close(),
      };
    },
  };
  return { store, counts };
}

interface Question {
  readonly delimiter: string;
  readonly limit: number;
}

function scan(store: OrderedStore, { delimiter, limit }: Question): Promise<ScanPage> {
  return skipScan(store, {
    range: startingWith(objectPrefix(bucket, "")),
    prefix: "",
    delimiter,
    limit,
    nameOf: (key) => nameAt(key, nameOffset).name,
    keyPrefix: (name) => objectPrefix(bucket, name),
  });
}

const padded = (number: number): string => String(number).padStart(6, "0");

/** One prefix for each number, which covers so many names. */
const namesOf = (runs: readonly number[]): string[] =>
  runs.flatMap((run, index) =>
    Array.from({ length: run }, (_, name) => `${padded(index)}/${padded(name)}`),
  );

/** What a page is when all names are looked at. */
function model(names: readonly string[], { delimiter, limit }: Question) {
  const shown = names.map((name) => {
    const at = delimiter === "" ? -1 : name.indexOf(delimiter);
    return at === -1 ? name : name.slice(0, at + delimiter.length);
  });
  const all = [...new Set(shown)];
  return { found: all.slice(0, limit), more: limit > 0 && all.length > limit };
}

describe("what a page reads", () => {
  const prefixes = 100;
  const page = { delimiter: "/", limit: prefixes };
  const evenly = (run: number): string[] =>
    namesOf(Array.from({ length: prefixes + 1 }, () => run));

  test.for([1, 2, 5, 10, 20, 100, 1000])(
    "a page of 100 prefixes that cover %i keys each reads a few for each prefix",
    async (run) => {
      const { store, counts } = counted(evenly(run));
      expect((await scan(store, page)).found).toHaveLength(prefixes);
      process.stdout.write(`${run} keys a prefix: ${JSON.stringify(counts)}\n`);
      expect(counts.entries).toBeLessThanOrEqual(prefixes * Math.min(run, 16) + 16);
      expect(counts.reads).toBeLessThanOrEqual(prefixes + 16);
    },
  );

  test("a hundred thousand keys cost what five thousand do", async () => {
    const [few, many] = [counted(evenly(50)), counted(evenly(1000))];
    for (const { store } of [few, many]) await scan(store, page);
    expect(many.counts).toEqual(few.counts);
  });

  test("sabotage: without seeks every key is read", async () => {
    const { store, counts } = counted(evenly(1000), { seeks: false });
    expect((await scan(store, page)).found).toHaveLength(prefixes);
    expect(counts.entries).toBeGreaterThan(prefixes * 900);
  });

  test("long and short prefixes in turns are not read through", async () => {
    const runs = Array.from({ length: 300 }, (_, index) => (index % 30 === 29 ? 20_000 : 1));
    const { store, counts } = counted(namesOf(runs));
    expect((await scan(store, { delimiter: "/", limit: 300 })).found).toHaveLength(300);
    expect(counts.entries).toBeLessThanOrEqual(300 * 32);
  });

  test("a page without a delimiter is one read of what it shows and one more", async () => {
    const { store, counts } = counted(evenly(100));
    expect(await scan(store, { delimiter: "", limit: 1000 })).toMatchObject({ more: true });
    expect(counts).toEqual({ entries: 1001, reads: 1, seeks: 0 });
  });
});

test("a page is what the model says, whatever the prefixes cover", async () => {
  const runs = array(
    oneof(integer({ min: 0, max: 3 }), integer({ min: 0, max: 40 }), integer({ min: 0, max: 300 })),
    { maxLength: 60 },
  );
  const question = record({ delimited: boolean(), limit: integer({ min: 0, max: 70 }) });
  const property = asyncProperty(
    runs,
    array(question, { maxLength: 4 }),
    async (all, questions) => {
      const names = [...namesOf(all), "plain", "z/1", "zz"];
      const { store } = counted(names);
      for (const { delimited, limit } of questions) {
        const asked = { delimiter: delimited ? "/" : "", limit };
        const { found, more } = await scan(store, asked);
        expect({ found: found.map(({ name }) => name), more }).toEqual(model(names, asked));
      }
    },
  );
  await assert(property, { numRuns: 200 });
});
