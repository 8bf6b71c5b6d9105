import { getEventListeners } from "node:events";
import { afterAll, expect, test } from "vitest";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { Store } from "../store.ts";
import { cached } from "./cached-store.ts";
import { diceOf } from "./faults/dice.ts";
import { faulty } from "./faults/faulty-store.ts";
import { all, StoreKinds } from "./faults/store-kinds.ts";
import type { FileCache } from "./file-cache.ts";
import { LruSizes } from "./lru-sizes.ts";
import { MemoryCache } from "./memory-cache.ts";
import { observed } from "./observed-store.ts";
import { StoreCache } from "./store-cache.ts";
import type { StoreLike } from "./store-like.ts";

const seed = Number(process.env["HOLDFAST_STORE_SEED"] ?? Date.now() % 2 ** 31);
const stores = new StoreKinds();
const { tree, local } = stores.kinds;
afterAll(() => stores.end());

/** A store, and the calls that reach it. */
function counted(inner: StoreLike): { readonly store: StoreLike; readonly calls: string[] } {
  const calls: string[] = [];
  const store = observed(inner, (event) => {
    if (event.type === "start") calls.push(`${event.operation} ${event.path}`);
  });
  return { store, calls };
}

const caches: readonly (readonly [string, () => FileCache])[] = [
  ["memory", () => new MemoryCache()],
  ["a local store", () => new StoreCache({ store: local() })],
];

test.each(caches)(
  "a file is read once, and asked after before each later read (in %s)",
  async (_, make) => {
    const inner = tree();
    await inner.writeText("d/a", "[1]");
    const { store, calls } = counted(inner);
    const files = cached(store, { cache: make() });
    expect(await files.readText("d/a")).toBe("[1]");
    expect(await files.readJson("./d//a")).toEqual([1]);
    expect(Buffer.from(await files.readBytes("d/a", { offset: 1, length: 1 })).toString()).toBe(
      "1",
    );
    const stream = await files.child("d").read("a");
    expect(stream.info).toMatchObject({ kind: "file", path: "a", name: "a", size: 3 });
    expect(await stream.bytes()).toHaveLength(3);
    const asked = ["getFileInfo d/a", "read d/a", "getFileInfo d/a", "getFileInfo d/a"];
    expect(calls).toEqual([...asked, "getFileInfo a"]);
    await inner.writeText("d/a", "[2]", { overwrite: true });
    expect(await files.readText("d/a")).toBe("[2]");
  },
);

test.each(caches)(
  `what is served has the bytes that its etag says, was there within the time asked for, and never before an own write (in %s, HOLDFAST_STORE_SEED=${seed})`,
  async (_, make) => {
    const dice = diceOf(seed);
    let servedWithoutAsking = 0;
    for (let round = 0; round < 10; round += 1) {
      const inner = tree();
      let nowMs = 0;
      const freshMs = [0, 10, 100][dice(3)] ?? 0;
      const { store, calls } = counted(inner);
      const files = cached(store, { cache: make(), freshMs, now: () => nowMs });
      /** What each path was from when on, the oldest first; undefined for nothing. */
      const past = new Map<string, { text: string | undefined; fromMs: number }[]>();
      const ownMs = new Map<string, number>();
      const textOfEtag = new Map<string | undefined, string>();
      const happened = (path: string, text: string | undefined): void => {
        past.set(path, [...(past.get(path) ?? []), { text, fromMs: nowMs }]);
      };
      for (let step = 0; step < 300; step += 1) {
        nowMs += dice(20);
        const path = ["a", "b", "d/a"][dice(3)] ?? "a";
        const text = `${step}${"x".repeat(dice(5))}`;
        const isOwn = dice(2) === 0;
        const by = isOwn ? files : inner;
        switch (dice(5)) {
          case 0:
            textOfEtag.set((await by.writeText(path, text, { overwrite: true })).etag, text);
            happened(path, text);
            if (isOwn) ownMs.set(path, nowMs);
            break;
          case 1:
            await by.delete(path, { missingOk: true });
            happened(path, undefined);
            if (isOwn) ownMs.set(path, nowMs);
            break;
          default: {
            const before = calls.length;
            const served = await files.read(path).then(
              async (stream) => {
                const found = Buffer.from(await stream.bytes()).toString();
                expect(textOfEtag.get(stream.info.etag)).toBe(found);
                return found;
              },
              (error: unknown) => void expect(error).toMatchObject({ name: "NotFound" }),
            );
            if (calls.length === before) servedWithoutAsking += 1;
            const sinceMs = Math.max(nowMs - freshMs, ownMs.get(path) ?? 0);
            const history = past.get(path) ?? [{ text: undefined, fromMs: 0 }];
            const may = history.filter(
              (_one, at) => (history[at + 1]?.fromMs ?? Infinity) > sinceMs,
            );
            const last = history.at(-1)?.text;
            expect([last, ...may.map((one) => one.text)]).toContain(served);
            if (freshMs === 0) expect(served).toBe(last);
          }
        }
      }
    }
    console.log(`served without asking: ${servedWithoutAsking}`);
    expect(servedWithoutAsking).toBeGreaterThan(10);
  },
);

test("what a caller does to the bytes that it was given is in nobody else's", async () => {
  const inner = tree();
  await inner.writeText("a", "abc");
  const files = cached(inner, { cache: new MemoryCache() });
  for (let round = 0; round < 3; round += 1) {
    const [one, other] = await Promise.all([files.readBytes("a"), files.readBytes("a")]);
    one.fill(0);
    expect(Buffer.from(other).toString()).toBe("abc");
  }
});

test("own writes, copies, moves and deletions are seen at once, however long the rest is believed", async () => {
  const files = cached(tree(), {
    cache: new MemoryCache(),
    freshMs: 3_600_000,
    missingMs: 3_600_000,
  });
  const text = (path: string): Promise<string> => files.readText(path);
  const missing = { name: "NotFound" };
  await expect(text("d/a")).rejects.toMatchObject(missing);
  await files.writeText("d/a", "1");
  expect(await text("d/a")).toBe("1");
  await files.child("d").write("a", Buffer.from("2"), { overwrite: true });
  expect(await text("d/a")).toBe("2");
  const writer = await files.openAtomic("d/a", { overwrite: true });
  await writer.write(Buffer.from("3"));
  expect(await text("d/a")).toBe("2");
  await writer.commit();
  expect(await text("d/a")).toBe("3");
  await expect(text("d/b")).rejects.toMatchObject(missing);
  await files.copy("d/a", "d/b");
  expect(await text("d/b")).toBe("3");
  await files.move("d/b", "c");
  await expect(text("d/b")).rejects.toMatchObject(missing);
  expect(await text("c")).toBe("3");
  await files.delete("c");
  await expect(text("c")).rejects.toMatchObject(missing);
  await files.deleteFolder("d", { recursive: true });
  await expect(text("d/a")).rejects.toMatchObject(missing);
  await files.writeText("e", "4");
  expect(await text("e")).toBe("4");
  await files.deleteMany(["e"]);
  await expect(text("e")).rejects.toMatchObject(missing);
});

test("an answer that an own write overtook is not believed", async () => {
  const inner = tree();
  await inner.writeText("a", "old");
  let release = (): void => {};
  const slow = observed(inner, () => {});
  slow.getFileInfo = async (path, options) => {
    const info = await inner.getFileInfo(path, options);
    await new Promise<void>((resolve) => (release = resolve));
    return info;
  };
  const files = cached(slow, { cache: new MemoryCache(), freshMs: 3_600_000 });
  const asked = files.getFileInfo("a");
  await new Promise(setImmediate);
  await files.writeText("a", "newer", { overwrite: true });
  release();
  await asked;
  slow.getFileInfo = (path, options) => inner.getFileInfo(path, options);
  expect((await files.getFileInfo("a")).size).toBe(5);
  expect(await files.readText("a")).toBe("newer");
});

test("misses at the same time share one read; one that is aborted ends itself alone, the last one ends the read", async () => {
  const inner = tree();
  await inner.writeText("a", "x".repeat(1_000));
  const { store, calls } = counted(inner);
  const files = cached(store, { cache: new MemoryCache() });
  const controller = new AbortController();
  const reads = Array.from({ length: 20 }, () => files.readText("a"));
  const aborted = files.readText("a", { signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(aborted).rejects.toMatchObject({
    name: "Aborted",
    operation: "readText",
    path: "a",
  });
  for (const text of await Promise.all(reads)) expect(text).toHaveLength(1_000);
  expect(calls).toEqual(["getFileInfo a", "read a"]);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);

  let ended = false;
  const hanging = observed(inner, () => {});
  hanging.getFileInfo = (_path, options) =>
    new Promise((_resolve, reject) => {
      options?.signal?.addEventListener("abort", () => {
        ended = true;
        reject(new Error("ended"));
      });
    });
  const alone = new AbortController();
  const read = cached(hanging, { cache: new MemoryCache() }).readText("a", {
    signal: alone.signal,
  });
  await new Promise(setImmediate);
  alone.abort();
  await expect(read).rejects.toMatchObject({ name: "Aborted" });
  expect(ended).toBe(true);
});

test("failures are not kept, and a missing file only as long as that was asked for", async () => {
  const inner = tree();
  let nowMs = 0;
  const options = { cache: new MemoryCache(), missingMs: 50, now: () => nowMs };
  for (const missingMs of [0, 50]) {
    const files = cached(inner, { ...options, missingMs });
    await expect(files.readText("a")).rejects.toMatchObject({ name: "NotFound", path: "a" });
    await inner.writeText("a", "here");
    if (missingMs > 0) {
      const known = { name: "NotFound", path: "a", operation: "readBytes" };
      await expect(files.readBytes("a")).rejects.toMatchObject(known);
      nowMs += 50;
    }
    expect(await files.readText("a")).toBe("here");
    await inner.delete("a");
  }
  await inner.writeText("a", "here");
  let failures = 2;
  const flaky = faulty(inner, () => {
    failures -= 1;
    return failures >= 0 ? { kind: "unavailable", at: "before" } : undefined;
  });
  const files = cached(flaky, { ...options, freshMs: 3_600_000 });
  await expect(files.readText("a")).rejects.toMatchObject({ name: "BackendUnavailable" });
  await expect(files.readText("a")).rejects.toMatchObject({ name: "BackendUnavailable" });
  expect(await files.readText("a")).toBe("here");
});

test("stores that share a cache get each other's bytes only where they are said to be one", async () => {
  const cache = new MemoryCache();
  const [one, other] = [tree(), tree()];
  // The same backend, the same key, the same etag: only the bytes are others.
  await one.writeText("a", "one");
  await other.writeText("a", "two");
  expect((await one.getFileInfo("a")).etag).toBe((await other.getFileInfo("a")).etag);
  expect(await cached(one, { cache }).readText("a")).toBe("one");
  expect(await cached(other, { cache }).readText("a")).toBe("two");
  expect(await cached(one, { cache, identity: "one" }).readText("a")).toBe("one");
  expect(await cached(other, { cache, identity: "other" }).readText("a")).toBe("two");
  const { store, calls } = counted(one);
  expect(await cached(store, { cache, identity: "one" }).readText("a")).toBe("one");
  expect(calls).toEqual(["getFileInfo a"]);
});

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

test("files without an etag, too large ones and parts of files that nobody read are not kept", async () => {
  const inner = tree();
  await inner.write("large", new Uint8Array(101));
  await inner.writeText("part", "0123");
  const { store, calls } = counted(inner);
  const files = cached(store, { cache: new MemoryCache({ entryBytesMax: 100 }) });
  for (let round = 0; round < 2; round += 1) {
    expect(await files.readBytes("large")).toHaveLength(101);
    expect(await files.readBytes("part", { offset: 1, length: 2 })).toHaveLength(2);
  }
  const twice = ["getFileInfo large", "readBytes large", "readBytes part"];
  expect(calls).toEqual([...twice, ...twice]);
});

test("ifMatch is kept to: the cached file if it is that one, else the backend's word", async () => {
  const inner = tree();
  const { etag } = await inner.writeText("a", "one");
  const files = cached(inner, { cache: new MemoryCache() });
  expect(await files.readText("a", { ifMatch: etag })).toBe("one");
  const stale = files.readText("a", { ifMatch: "other" });
  await expect(stale).rejects.toMatchObject({ name: "PreconditionFailed", operation: "readText" });
  await inner.writeText("a", "two", { overwrite: true });
  const gone = files.readText("a", { ifMatch: etag });
  await expect(gone).rejects.toMatchObject({ name: "PreconditionFailed" });
});

test("a store that is closed, and a signal that is aborted, end a cached read as any other", async () => {
  const inner = tree();
  await inner.writeText("a", "one");
  const files = cached(inner, { cache: new MemoryCache(), freshMs: 3_600_000 });
  expect(await files.readText("a")).toBe("one");
  const signal = AbortSignal.abort();
  await expect(files.readText("a", { signal })).rejects.toMatchObject({ name: "Aborted" });
  await expect(files.getFileInfo("a", { signal })).rejects.toMatchObject({ name: "Aborted" });
  await files.close();
  await expect(files.readText("a")).rejects.toMatchObject({ name: "Closed" });
  await expect(files.deleteMany(["a"])).rejects.toMatchObject({ name: "Closed" });
});

test("text and JSON that are none fail as they do without a cache", async () => {
  const inner = tree();
  await inner.write("a", Uint8Array.of(0xff, 0xfe));
  const files = cached(inner, { cache: new MemoryCache() });
  for (const method of ["readText", "readJson"] as const) {
    const failed = { operation: method, path: "a", name: "RemoteStoreError" };
    await expect(files[method]("a")).rejects.toMatchObject(failed);
  }
  await inner.writeText("null", "null");
  expect(await files.readJson("null")).toBeNull();
});
