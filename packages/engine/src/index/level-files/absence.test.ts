import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { seeded } from "../../simulation/seeded.ts";
import { openLevelStore } from "../level-store.ts";

const chance = seeded(Number(process.env["HOLDFAST_SEED"] ?? 17));
const records = 4000;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "holdfast-absence-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const keyOf = (number: number): Buffer => Buffer.from(`o${String(number).padStart(7, "0")}`);
const valueOf = (number: number): Buffer => Buffer.alloc(number % 300, `value ${number}`);

/** Even numbers alone. */
const fill = async (): Promise<void> => {
  const store = await openLevelStore(directory);
  for (let from = 0; from < records; from += 500) {
    const numbers = Array.from({ length: 250 }, (_, at) => from + 2 * at);
    await store.apply(numbers.map((number) => ({ key: keyOf(number), value: valueOf(number) })));
    await store.flush();
  }
  await store.close();
};

test("a key that rotted is never vouched for as missing", async () => {
  await fill();
  let rotten = 0;
  for (let sample = 0; sample < 25; sample += 1) {
    const store = await openLevelStore(directory);
    const tables = readdirSync(directory).filter((name) => name.endsWith(".ldb"));
    const path = join(directory, tables[Math.floor(chance() * tables.length)] ?? "");
    const bytes = readFileSync(path);
    const keys = [...bytes.toString("latin1").matchAll(/o\d{7}/g)];
    const at =
      (keys[Math.floor(chance() * keys.length)]?.index ?? 0) + 1 + Math.floor(chance() * 7);
    const sound = bytes[at] ?? 0;
    bytes[at] = sound ^ 1;
    writeFileSync(path, bytes);
    for (let number = 0; number < records; number += 2) {
      const key = keyOf(number);
      if (store.get(key)?.equals(valueOf(number)) === true) continue;
      expect(() => store.assertAbsent(key)).toThrow(
        expect.objectContaining({ code: "InternalError", reason: "corrupt_index" }),
      );
      rotten += 1;
    }
    await store.close();
    bytes[at] = sound;
    writeFileSync(path, bytes);
  }
  expect(rotten).toBeGreaterThan(5);
});

test("a key that was never there is vouched for, while tables come and go", async () => {
  await fill();
  const store = await openLevelStore(directory);
  const over = new AbortController();
  const writer = (async () => {
    for (let round = 0; !over.signal.aborted; round += 1) {
      const numbers = Array.from({ length: 500 }, () => 2 * Math.floor(chance() * records));
      await store.apply(numbers.map((number) => ({ key: keyOf(number), value: valueOf(round) })));
      await store.flush();
    }
  })();
  const before = readdirSync(directory);
  for (let ask = 0; ask < 3000; ask += 1) {
    const key = keyOf(2 * Math.floor(chance() * records) + 1);
    expect(store.get(key)).toBeUndefined();
    store.assertAbsent(key);
    if (ask % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  over.abort();
  await writer;
  expect(readdirSync(directory)).not.toEqual(before);
  await store.close();
});
