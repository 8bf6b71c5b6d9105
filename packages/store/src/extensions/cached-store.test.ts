import { getEventListeners } from "node:events";
import { afterAll, expect, test } from "vitest";
import { cached } from "./cached-store.ts";
import { counted } from "./faults/counted.ts";
import { diceOf } from "./faults/dice.ts";
import { faulty } from "./faults/faulty-store.ts";
import { StoreKinds } from "./faults/store-kinds.ts";
import type { FileCache } from "./file-cache.ts";
import { MemoryCache } from "./memory-cache.ts";
import { observed } from "./observed-store.ts";
import { StoreCache } from "./store-cache.ts";
import type { StoreLike } from "./store-like.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const stores = new StoreKinds();
const { tree, local } = stores.kinds;
afterAll(() => stores.end());

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

/** What was at a path from when on, and by whom. */
interface Moment {
  readonly text?: string;
  readonly etag?: string | undefined;
  readonly fromMs: number;
  readonly isOwn: boolean;
}

/** What was at each path, the oldest first. */
class Past {
  readonly #moments = new Map<string, readonly Moment[]>();

  happened(path: string, moment: Moment): void {
    // What an own write overtook is no longer to be served.
    const before = moment.isOwn ? [] : (this.#moments.get(path) ?? [nothing]);
    this.#moments.set(path, [...before, moment]);
  }

  /** What was there at some time since then. */
  mayServe(path: string, sinceMs: number): readonly Moment[] {
    const moments = this.#moments.get(path) ?? [nothing];
    return moments.filter((_one, at) => (moments[at + 1]?.fromMs ?? Infinity) > sinceMs);
  }
}

const nothing: Moment = { fromMs: 0, isOwn: true };

async function servedBy(
  store: StoreLike,
  path: string,
): Promise<readonly [text: string | undefined, etag: string | undefined]> {
  try {
    const stream = await store.read(path);
    return [Buffer.from(await stream.bytes()).toString(), stream.info.etag];
  } catch (error) {
    expect(error).toMatchObject({ name: "NotFound" });
    return [undefined, undefined];
  }
}

test.each(caches)(
  `what is served has the bytes that its etag says, was there within the time asked for, and never before an own write (in %s, HOLDFAST_SEED=${seed})`,
  async (_, make) => {
    const dice = diceOf(seed);
    let servedWithoutAsking = 0;
    for (let round = 0; round < 10; round += 1) {
      const inner = tree();
      let nowMs = 0;
      const freshMs = [0, 10, 100][dice(3)] ?? 0;
      const { store, calls } = counted(inner);
      const files = cached(store, { cache: make(), freshMs, now: () => nowMs });
      const model = new Past();
      for (let step = 0; step < 300; step += 1) {
        nowMs += dice(20);
        const path = ["a", "b", "d/a"][dice(3)] ?? "a";
        const text = `${step}${"x".repeat(dice(5))}`;
        const isOwn = dice(2) === 0;
        const by = isOwn ? files : inner;
        switch (dice(5)) {
          case 0: {
            const { etag } = await by.writeText(path, text, { overwrite: true });
            model.happened(path, { text, etag, fromMs: nowMs, isOwn });
            break;
          }
          case 1:
            await by.delete(path, { missingOk: true });
            model.happened(path, { fromMs: nowMs, isOwn });
            break;
          default: {
            const before = calls.length;
            const served = await servedBy(files, path);
            servedWithoutAsking += calls.length === before ? 1 : 0;
            const may = model.mayServe(path, nowMs - freshMs);
            expect(may.map((one) => [one.text, one.etag])).toContainEqual(served);
            if (freshMs === 0) expect(may).toHaveLength(1);
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
