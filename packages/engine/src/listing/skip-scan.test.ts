import { array, assert, asyncProperty, boolean, integer, nat, oneof, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { nameAt, objectKey, objectPrefix, startingWith, type KeyRange } from "../index/keys.ts";
import { memoryStore } from "../index/memory-store.ts";
import { ReopeningStore } from "../index/reopening-store.ts";
import type { Change, Moment, OrderedStore } from "../index/ordered-store.ts";
import { layerOf } from "../simulation/layer-of.ts";
import { skipScan, type ScanPage } from "./skip-scan.ts";

const bucket = "b";
const nameOffset = objectPrefix(bucket, "").length;

interface Counts {
  entries: number;
  reads: number;
  seeks: number;
}

type Splits = (range: KeyRange) => readonly Buffer[];

/** In front of every so many names, as the tables of a store on disk would be. */
const everySo =
  (names: readonly string[], many: number): Splits =>
  ({ start, end }) =>
    names
      .filter((_, at) => at % many === 0)
      .map((name) => objectKey(bucket, name))
      .filter((key) => Buffer.compare(key, start) > 0 && Buffer.compare(key, end) < 0);

/** A store of the names that counts what is read of it; one that cannot seek stays where it is. */
function counted(names: readonly string[], { seeks = true, splits = everySo([], 1) } = {}) {
  const durable = new Map(
    names.map((name) => [objectKey(bucket, name).toString("latin1"), Buffer.alloc(0)]),
  );
  const counts: Counts = { entries: 0, reads: 0, seeks: 0 };
  const below = memoryStore({ durable, unflushed: [] });
  const moment = (): Moment => {
    const now = below.moment();
    return {
      ...now,
      range(start, end) {
        const cursor = now.range(start, end);
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
      splits: (start, end) => splits({ start, end }),
    };
  };
  const store: OrderedStore = { ...below, moment };
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

  test.for([17, 100, 300])(
    "walked by several at once, a page of a thousand prefixes that cover %i keys each reads little in vain",
    async (run) => {
      const large = { delimiter: "/", limit: 1000 };
      const all = namesOf(Array.from({ length: 1300 }, () => run));
      const [alone, several] = [counted(all), counted(all, { splits: everySo(all, 7000) })];
      expect(await scan(several.store, large)).toEqual(await scan(alone.store, large));
      const counts = { alone: alone.counts, several: several.counts };
      process.stdout.write(`${run} keys a prefix: ${JSON.stringify(counts)}\n`);
      expect(several.counts.reads).toBeGreaterThan(alone.counts.reads);
      expect(several.counts.reads).toBeLessThanOrEqual(alone.counts.reads * 1.75);
    },
  );

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

test("a page is the same wherever the store says that it can be cut", async () => {
  const runs = array(oneof(integer({ min: 0, max: 3 }), integer({ min: 0, max: 120 })), {
    minLength: 20,
    maxLength: 120,
  });
  const cuts = array(array(nat(), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 5 });
  const limits = array(integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 3 });
  let reads = 0;
  let cut = 0;
  const property = asyncProperty(runs, cuts, limits, async (all, asked, pages) => {
    const names = ["", ...namesOf(all), "plain", "z/1", "zz"];
    const keys = names.map((name) => objectKey(bucket, name));
    let ask = 0;
    const splits: Splits = ({ start, end }) => {
      const chosen = (asked[ask++ % asked.length] ?? []).map((at) => keys[at % keys.length]);
      const within = chosen
        .filter((key) => key !== undefined)
        .toSorted((a, b) => Buffer.compare(a, b));
      return within.filter(
        (key, at) =>
          Buffer.compare(key, start) > 0 &&
          Buffer.compare(key, end) < 0 &&
          !within[at - 1]?.equals(key),
      );
    };
    const [plain, several] = [counted(names), counted(names, { splits })];
    for (const limit of pages) {
      const question = { delimiter: "/", limit };
      const page = await scan(several.store, question);
      expect(page).toEqual(await scan(plain.store, question));
      expect({ ...page, found: page.found.map(({ name }) => name) }).toEqual(
        model(names, question),
      );
    }
    reads += plain.counts.reads;
    cut += ask;
  });
  await assert(property, { numRuns: 300 });
  process.stdout.write(`${reads} reads of one walk; asked ${cut} times where to cut\n`);
  expect(cut).toBeGreaterThan(100);
});

test("a page is the same when the index has yet to take a part of what it shows", async () => {
  const runs = array(integer({ min: 0, max: 90 }), { minLength: 20, maxLength: 60 });
  const removed = array(nat(), { maxLength: 200 });
  const limits = array(integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 3 });
  const property = asyncProperty(runs, removed, limits, async (all, gone, pages) => {
    const names = ["", ...namesOf(all), "z/1"];
    const puts = names.map((name) => ({ key: objectKey(bucket, name), value: Buffer.from(name) }));
    const first = puts.filter((_, at) => at % 3 > 0);
    const second: Change[] = puts.filter((_, at) => at % 3 === 0);
    for (const at of gone) second[at % second.length] = dropped(puts[at % puts.length]);
    const whole = memoryStore({ durable: new Map(), unflushed: [first, second] });
    const below = memoryStore({ durable: new Map(), unflushed: [first] });
    const held = await ReopeningStore.open(async () => below, "");
    const half = second.length >>> 1;
    held.hold(layerOf(second.slice(0, half)));
    held.hold(layerOf(second.slice(half)));
    for (const limit of pages) {
      const question = { delimiter: "/", limit };
      expect(await scan(held, question)).toEqual(await scan(whole, question));
    }
  });
  await assert(property, { numRuns: 100 });
});

const dropped = (change: Change | undefined): Change => ({
  key: change?.key ?? Buffer.alloc(0),
  value: undefined,
});
