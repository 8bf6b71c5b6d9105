import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLevelStore } from "./level-store.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "holdfast-level-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const keyOf = (number: number): Buffer => Buffer.from(`o${String(number).padStart(7, "0")}`);

test("walks of one moment see nothing that was written after it, also those that begin later", async () => {
  const store = await openLevelStore(directory);
  const write = (from: number, value: string) =>
    store.apply(
      Array.from({ length: 100 }, (_, at) => ({
        key: keyOf(from + at),
        value: Buffer.from(value),
      })),
    );
  await write(0, "old");
  const moment = store.moment();
  await write(50, "new");
  const cursor = moment.range(keyOf(0), keyOf(1000));
  const entries = await cursor.next(1000);
  expect(entries.map(([, value]) => value.toString())).toEqual(Array(100).fill("old"));
  await cursor.close();
  await moment.close();
  await store.close();
});

test("the splits of a range are where tables begin, in order and within it", async () => {
  const store = await openLevelStore(directory);
  const keys = 100_000;
  for (let from = 0; from < keys; from += 5000) {
    await store.apply(
      Array.from({ length: 5000 }, (_, at) => ({ key: keyOf(from + at), value: randomBytes(300) })),
    );
  }
  await store.flush();
  const moment = store.moment();
  const [start, end] = [keyOf(keys * 0.1), keyOf(keys * 0.95)];
  const splits = moment.splits(start, end);
  process.stdout.write(`${splits.length} splits\n`);
  expect(splits.length).toBeGreaterThan(1);
  const bounds = [start, ...splits, end];
  expect(bounds).toEqual(bounds.toSorted((a, b) => Buffer.compare(a, b)));
  expect(new Set(bounds.map(String)).size).toBe(bounds.length);
  expect(moment.splits(splits[0] ?? start, end)).toEqual(splits.slice(1));
  await moment.close();
  await store.close();
});
