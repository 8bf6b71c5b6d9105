import { expect, test } from "vitest";
import { memoryStore, type MemoryImage } from "./memory-store.ts";
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
