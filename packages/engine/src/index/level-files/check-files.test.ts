import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pace } from "../../disk/pace.ts";
import { seeded } from "../../simulation/seeded.ts";
import { openLevelStore } from "../level-store.ts";
import type { IndexDamage } from "../ordered-store.ts";
import { checkFiles } from "./check-files.ts";

const chance = seeded(Number(process.env["HOLDFAST_SEED"] ?? 11));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "holdfast-index-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const check = async (): Promise<readonly IndexDamage[]> => {
  const found: IndexDamage[] = [];
  for await (const damage of checkFiles(directory, { pace: pace({}) })) found.push(damage);
  return found;
};

const keyOf = (number: number): Buffer => Buffer.from(`o${String(number).padStart(7, "0")}`);

/** Values of which some compress and some do not, over several tables and levels. */
const fill = async (records: number): Promise<void> => {
  const store = await openLevelStore(directory);
  for (let from = 0; from < records; from += 1000) {
    const numbers = Array.from({ length: Math.min(1000, records - from) }, (_, at) => from + at);
    await store.apply(
      numbers.map((number) => ({
        key: keyOf(Math.floor(chance() * records * 2)),
        value:
          number % 3 === 0
            ? Buffer.from(Array.from({ length: 500 }, () => Math.floor(chance() * 256)))
            : Buffer.alloc(number % 700, `value ${number} `),
      })),
    );
    if (from % 5000 === 0) await store.flush();
  }
  await store.flush();
  await store.close();
};

test("every table of a sound index is sound, compressed blocks and filters included", async () => {
  expect(await check()).toEqual([]);
  await fill(30_000);
  const tables = readdirSync(directory).filter((name) => name.endsWith(".ldb"));
  expect(tables.length).toBeGreaterThan(2);
  expect(await check()).toEqual([]);
});

test("a flipped bit anywhere in a table or in the manifest is found, with the keys that it concerns", async () => {
  await fill(6000);
  const files = readdirSync(directory).filter((name) => /\.ldb$|^MANIFEST/.test(name));
  let flips = 0;
  for (const file of files) {
    const path = join(directory, file);
    const sound = readFileSync(path);
    for (let sample = 0; sample < 200; sample += 1) {
      const at = sample < 60 ? sound.length - 1 - sample : Math.floor(chance() * sound.length);
      if (at < 0) continue;
      const rotten = Buffer.from(sound);
      rotten[at] = (rotten[at] ?? 0) ^ (1 << Math.floor(chance() * 8));
      writeFileSync(path, rotten);
      const found = await check();
      expect({ file, at, found: found.length > 0 }).toEqual({ file, at, found: true });
      flips += 1;
      await expect(openLevelStore(directory)).rejects.toMatchObject({ code: "INDEX_DAMAGED" });
    }
    writeFileSync(path, sound);
  }
  expect(flips).toBeGreaterThan(300);
  expect(await check()).toEqual([]);
});

test("what rots under a running index is refused by key and by range, and the rest is served", async () => {
  await fill(6000);
  const store = await openLevelStore(directory);
  expect(await store.check(pace({}))).toEqual([]);
  const file = readdirSync(directory).find((name) => name.endsWith(".ldb"));
  const path = join(directory, file ?? "");
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  writeFileSync(path, bytes);
  const [damage] = await store.check(pace({}));
  if (damage === undefined) throw new Error("the damage was not found");
  expect(damage.offset <= at && at <= damage.offset + damage.length + 5).toBe(true);
  const corrupt = { code: "InternalError", reason: "corrupt_index" };
  expect(() => store.get(damage.from)).toThrow(expect.objectContaining(corrupt));
  expect(() => store.get(damage.to)).toThrow(expect.objectContaining(corrupt));
  expect(() => store.get(keyOf(0))).not.toThrow();
  const walk = async (start: Buffer, end: Buffer): Promise<void> => {
    const cursor = store.range(start, end);
    try {
      while ((await cursor.next(100)).length > 0);
    } finally {
      await cursor.close();
    }
  };
  await expect(walk(keyOf(0), keyOf(99_999))).rejects.toMatchObject(corrupt);
  await expect(walk(Buffer.from("a"), Buffer.from("b"))).resolves.toBeUndefined();
  await store.close();
});
