import { afterAll, expect, test } from "vitest";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { Store } from "../store.ts";
import { cached } from "./cached-store.ts";
import { counted } from "./faults/counted.ts";
import { diceOf } from "./faults/dice.ts";
import { faulty } from "./faults/faulty-store.ts";
import { all, StoreKinds } from "./faults/store-kinds.ts";
import { LruSizes } from "./lru-sizes.ts";
import { MemoryCache } from "./memory-cache.ts";
import { StoreCache } from "./store-cache.ts";
import type { StoreLike } from "./store-like.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const stores = new StoreKinds();
const { tree, local } = stores.kinds;
afterAll(() => stores.end());

test("no path gets the bytes of another, whatever it is made of", async () => {
  const names = [
    "a",
    "A",
    'a","b',
    "a|b",
    "a%2Fb",
    "a/b",
    "..a",
    "a..",
    "ü",
    "u\u0308",
    "a\\b",
    " a",
  ];
  const inner = Store.over(new MemoryDriver({ namespace: "flat" }));
  const shelf = local();
  for (const name of names) await inner.writeText(name, name);
  for (let round = 0; round < 2; round += 1) {
    const cache = new StoreCache({ store: shelf.child("cache") });
    const files = cached(inner, { cache, identity: "it" });
    for (const name of names) expect(await files.readText(name)).toBe(name);
    for (const path of ["../a", "a/../a", "a/..\\b", "", "a\0"]) {
      await expect(files.readText(path)).rejects.toMatchObject({ name: "InvalidPath" });
    }
  }
  for (const { path } of await all(shelf.listFiles("", { recursive: true }))) {
    expect(path).toMatch(/^cache\/[0-9a-f]{2}\/[0-9a-f]{64}$/);
  }
});

test("a cache in a store outlives its process, and an entry that rotted or was put there is a miss", async () => {
  const inner = tree();
  const shelf = tree();
  await inner.writeText("a", "right");
  await inner.writeText("b", "other");
  const open = (): readonly [StoreLike, string[]] => {
    const { store, calls } = counted(inner);
    const cache = new StoreCache({ store: shelf });
    return [cached(store, { cache, identity: "it" }), calls];
  };
  await open()[0].readText("a");
  const [again, calls] = open();
  expect(await again.readText("a")).toBe("right");
  expect(calls).toEqual(["getFileInfo a"]);
  const [entry] = await all(shelf.listFiles("", { recursive: true }));
  const path = entry?.path ?? "";
  const bytes = await shelf.readBytes(path);
  const flipped = Uint8Array.from(bytes, (byte, at) => (at === 33 ? byte ^ 1 : byte));
  for (const bad of [flipped, bytes.subarray(0, 10), new Uint8Array(), Buffer.from("wrong")]) {
    await shelf.write(path, bad, { overwrite: true });
    const [files, asked] = open();
    expect(await files.readText("a")).toBe("right");
    expect(asked).toEqual(["getFileInfo a", "read a"]);
    expect(Buffer.compare(await shelf.readBytes(path), bytes)).toBe(0);
  }
  // Another entry's bytes, whole and with their own digest, under this one's name.
  await open()[0].readText("b");
  const entries = await all(shelf.listFiles("", { recursive: true }));
  const b = entries.find((one) => one.path !== path)?.path ?? "";
  await shelf.write(path, await shelf.readBytes(b), { overwrite: true });
  expect(await open()[0].readText("a")).toBe("right");
});

test("what goes wrong with a cache is told, and fails no read", async () => {
  const inner = tree();
  await inner.writeText("a", "x");
  const errors: unknown[] = [];
  const full = faulty(tree(), () => ({ kind: "quota-exceeded", at: "before" }));
  const cache = new StoreCache({ store: full, onError: (error) => errors.push(error) });
  const files = cached(inner, { cache });
  expect(await files.readText("a")).toBe("x");
  expect(await files.readText("a")).toBe("x");
  expect(errors.length).toBeGreaterThan(1);
  expect(errors[0]).toMatchObject({ name: "QuotaExceeded" });
});

test("a cache keeps to its bounds, and the entries unused for longest make room", async () => {
  const bounds = { bytesMax: 1_000, entriesMax: 5, entryBytesMax: 500 };
  const shelf = tree();
  for (const cache of [new MemoryCache(bounds), new StoreCache({ store: shelf, ...bounds })]) {
    const inner = tree();
    const { store, calls } = counted(inner);
    const files = cached(store, { cache });
    const dice = diceOf(seed);
    for (let step = 0; step < 200; step += 1) {
      const path = `${dice(30)}`;
      await inner.write(path, new Uint8Array(dice(600)), { overwrite: true });
      const { size } = await inner.getFileInfo(path);
      expect(await files.readBytes(path)).toHaveLength(size);
    }
    expect(calls.length).toBeGreaterThan(200);
    if (cache instanceof MemoryCache) expect(cache.bytes).toBeLessThanOrEqual(1_000);
  }
  const { fileCount, totalSize } = await shelf.getFolderInfo("");
  expect(fileCount).toBeLessThanOrEqual(5);
  expect(totalSize).toBeLessThanOrEqual(1_000);

  const sizes = new LruSizes({ bytesMax: 10, entriesMax: 3 });
  for (const name of ["a", "b", "c"]) sizes.add(name, 3);
  sizes.touch("a");
  sizes.add("d", 3);
  expect([...sizes.excess()]).toEqual(["b", "c"].slice(0, 1));
  sizes.add("a", 9);
  expect([...sizes.excess()]).toEqual(["c", "d"]);
  expect(() => new LruSizes({ bytesMax: Number.NaN })).toThrow("bound");
});
