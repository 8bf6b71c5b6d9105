import { once } from "node:events";
import { expect, test } from "vitest";
import { layerOf } from "../simulation/layer-of.ts";
import { memoryStore, type MemoryImage } from "./memory-store.ts";
import type { Cursor } from "./ordered-store.ts";
import { ReopeningStore } from "./reopening-store.ts";

const key = Buffer.from("key");
const value = (text: string): Buffer => Buffer.from(text);

const opened = async (): Promise<ReopeningStore> => {
  const image: MemoryImage = { durable: new Map([["key", value("short")]]), unflushed: [] };
  return ReopeningStore.open(async () => memoryStore(image), "index");
};

test("a short record that was read is not remembered beyond its change", async () => {
  const store = await opened();
  expect(store.get(key)).toEqual(value("short"));
  await store.apply([{ key, value: value("other") }]);
  expect(store.get(key)).toEqual(value("other"));
  await store.apply([{ key, value: undefined }]);
  expect(store.get(key)).toBeUndefined();
  await store.close();
});

test("a store that was opened anew remembers nothing of the one before", async () => {
  const store = await opened();
  expect(store.get(key)).toEqual(value("short"));
  await store.reopen((inner) => inner.apply([{ key, value: value("other") }]));
  expect(store.get(key)).toEqual(value("other"));
  await store.close();
});

const everything = [Buffer.alloc(0), Buffer.from([0xff])] as const;

const shownBy = async (cursor: Cursor): Promise<readonly string[]> => {
  const entries = await cursor.next(100);
  await cursor.close();
  return entries.map((entry) => entry.join("="));
};

test("every walk of one moment sees what was held then, whatever is applied, dropped or held meanwhile", async () => {
  const gate = new AbortController();
  const image: MemoryImage = { durable: new Map([["key", value("short")]]), unflushed: [] };
  const inner = memoryStore(image);
  const store = await ReopeningStore.open(
    async () => ({
      ...inner,
      async apply(changes) {
        await inner.apply(changes);
        if (!gate.signal.aborted) await once(gate.signal, "abort");
      },
    }),
    "index",
  );
  const first = store.moment();
  store.hold(
    layerOf([
      { key, value: value("1") },
      { key: Buffer.from("a"), value: value("1") },
    ]),
  );
  const before = store.moment();
  const early = store.range(...everything);
  const applying = store.applyHeld();
  store.hold(
    layerOf([
      { key, value: value("2") },
      { key: Buffer.from("a"), value: undefined },
    ]),
  );
  const applied = store.moment();
  expect(store.get(key)).toEqual(value("2"));
  gate.abort();
  await applying;
  expect(store.held.commits).toBe(1);
  store.hold(layerOf([{ key, value: undefined }]));
  await store.applyHeld();
  expect(store.held.commits).toBe(0);
  expect(store.get(key)).toBeUndefined();
  for (let walk = 0; walk < 2; walk += 1) {
    expect(await shownBy(first.range(...everything))).toEqual(["key=short"]);
    expect(await shownBy(before.range(...everything))).toEqual(["a=1", "key=1"]);
    expect(await shownBy(applied.range(...everything))).toEqual(["key=2"]);
  }
  expect(await shownBy(early)).toEqual(["a=1", "key=1"]);
  expect(await shownBy(store.range(...everything))).toEqual([]);
  await first.close();
  await before.close();
  await applied.close();
  await store.close();
});

test("what the store refused is shown until it was opened anew, and then no more", async () => {
  const image: MemoryImage = { durable: new Map([["key", value("short")]]), unflushed: [] };
  let refuses = true;
  const store = await ReopeningStore.open(async () => {
    const inner = memoryStore(image);
    return {
      ...inner,
      apply: (changes) => (refuses ? Promise.reject(new Error("no")) : inner.apply(changes)),
    };
  }, "index");
  store.hold(layerOf([{ key, value: value("1") }]));
  await expect(store.applyHeld()).rejects.toThrow("no");
  store.hold(layerOf([{ key: Buffer.from("a"), value: value("1") }]));
  expect(store.held.commits).toBe(2);
  expect(await shownBy(store.range(...everything))).toEqual(["a=1", "key=1"]);
  refuses = false;
  await store.reopen((inner) => inner.apply([{ key, value: value("of the log") }]));
  expect(store.held).toMatchObject({ commits: 0, bytes: 0 });
  expect(await shownBy(store.range(...everything))).toEqual(["key=of the log"]);
  await store.close();
});
