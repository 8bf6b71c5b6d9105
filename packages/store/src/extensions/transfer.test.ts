import { readdirSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { Store } from "../store.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { diceOf } from "./faults/dice.ts";
import { faulty, type Fault } from "./faults/faulty-store.ts";
import { all, StoreKinds, textsOf } from "./faults/store-kinds.ts";
import { transferAll } from "./transfer-all.ts";
import { transfer, type StoreTransferProgress } from "./transfer.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const stores = new StoreKinds();
const { tree, local } = stores.kinds;
afterAll(() => stores.end());

function content(bytes: number, first = 0): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index + first) % 251);
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

test.each(["tree", "flat", "local"] as const)(
  "a file goes from any store to any other, whole, with its progress (from %s)",
  async (kind) => {
    for (const to of [tree(), local()]) {
      const from = stores.kinds[kind]();
      const bytes = content(300_000);
      await from.write("a/b", bytes);
      const told: StoreTransferProgress[] = [];
      const onProgress = (progress: StoreTransferProgress): void => void told.push(progress);
      const options = { onProgress, verify: "content" } as const;
      const written = await transfer(
        { store: from, path: "a/b" },
        { store: to, path: "c" },
        options,
      );
      expect(written).toMatchObject({ path: "c", size: 300_000 });
      expect(Buffer.compare(await to.readBytes("c"), bytes)).toBe(0);
      const arrived = { path: "a/b", fileBytes: 300_000, fileBytesTotal: 300_000, bytes: 300_000 };
      expect(told.at(-1)).toEqual({ ...arrived, files: 1 });
      for (const [at, { fileBytes }] of told.entries()) {
        expect(fileBytes).toBeGreaterThanOrEqual(told[at - 1]?.fileBytes ?? 0);
      }
    }
  },
);

test("what fails at the source is SourceFailed with its own error, what fails at the destination is that", async () => {
  const [from, to] = [tree(), tree()];
  await from.write("a", content(1_000));
  await to.writeText("taken", "old");
  const ends = (path: string) =>
    [
      { store: from, path },
      { store: to, path: "taken" },
    ] as const;
  const missing = { name: "SourceFailed", path: "x", backend: "memory", retryable: false };
  await expect(transfer(...ends("x"))).rejects.toMatchObject({
    ...missing,
    cause: { name: "NotFound", path: "x" },
  });
  await expect(transfer(...ends("a"))).rejects.toMatchObject({
    name: "AlreadyExists",
    path: "taken",
  });
  const breaking = faulty(from, () => ({ kind: "unavailable", at: 300 }));
  const torn = transfer({ store: breaking, path: "a" }, { store: to, path: "b" });
  const broken = { name: "BackendUnavailable", path: "a", retryable: true };
  await expect(torn).rejects.toMatchObject({
    name: "SourceFailed",
    retryable: true,
    cause: broken,
  });
  expect(await textsOf(to)).toEqual({ taken: "old" });
  const refusing = faulty(to, () => ({ kind: "quota-exceeded", at: "before" }));
  const refused = transfer({ store: from, path: "a" }, { store: refusing, path: "b" });
  await expect(refused).rejects.toMatchObject({ name: "QuotaExceeded", path: "b" });
});

test("the content type and metadata go along, as far as both ends keep them", async () => {
  const [from, to, disk] = [tree(), tree(), local()];
  const attributes = { contentType: "text/csv", metadata: { origin: "sensor" } };
  await from.write("a", content(10), attributes);
  await transfer({ store: from, path: "a" }, { store: to, path: "a" });
  expect(await to.getFileInfo("a")).toMatchObject(attributes);
  expect(disk.supports("user_metadata")).toBe(false);
  await transfer({ store: from, path: "a" }, { store: disk, path: "a" });
  expect(await disk.readBytes("a")).toHaveLength(10);
});

test("a source that gives fewer bytes than it said, or more, makes no file", async () => {
  const [from, to] = [tree(), tree()];
  await from.write("a", content(1_000));
  for (const length of [999, 0]) {
    const short = tree();
    short.read = (path) => from.read(path, { length: Math.max(1, length) });
    const carried = transfer({ store: short, path: "a" }, { store: to, path: "a" });
    const integrity = { name: "SourceFailed", cause: { name: "IntegrityError" } };
    await expect(carried).rejects.toMatchObject(integrity);
    expect(await textsOf(to)).toEqual({});
  }
});

test("a destination that stored other bytes than it was sent is found out by reading it again", async () => {
  const [from, to] = [tree(), tree()];
  await from.write("a", content(1_000));
  const lying = tree();
  lying.writeAtomic = async (path, sent, options) => {
    if (sent instanceof Uint8Array || sent instanceof Blob) throw new TypeError("not a stream");
    for await (const piece of sent) expect(piece).toHaveLength(1_000);
    return to.writeAtomic(path, content(1_000, 7), options);
  };
  lying.read = (path, options) => to.read(path, options);
  const ends = [
    { store: from, path: "a" },
    { store: lying, path: "a" },
  ] as const;
  expect(await transfer(...ends)).toMatchObject({ size: 1_000 });
  const checked = transfer(...ends, { verify: "content", overwrite: true });
  await expect(checked).rejects.toMatchObject({ name: "IntegrityError", path: "a" });
});

test("a source is let go of, however its destination refuses", async () => {
  const from = local();
  await from.write("a", content(200_000));
  const to = tree();
  await to.writeText("a", "old");
  const aborted = AbortSignal.abort();
  const refusing = faulty(to, () => ({ kind: "forbidden", at: "before" }));
  const before = openFiles();
  for (let round = 0; round < 50; round += 1) {
    const source = { store: from, path: "a" };
    await expect(transfer(source, { store: to, path: "a" })).rejects.toMatchObject({
      name: "AlreadyExists",
    });
    await expect(transfer(source, { store: to, path: "../a" })).rejects.toMatchObject({
      name: "InvalidPath",
    });
    await expect(transfer(source, { store: refusing, path: "b" })).rejects.toMatchObject({
      name: "PermissionDenied",
    });
    await expect(
      transfer(source, { store: to, path: "b" }, { signal: aborted }),
    ).rejects.toMatchObject({ name: "Aborted" });
  }
  await expect.poll(() => openFiles() - before).toBeLessThan(5);
});

test(`a transfer that is ended anywhere leaves the old file or the new one (HOLDFAST_SEED=${seed})`, async () => {
  const dice = diceOf(seed);
  const outcomes: Record<string, number> = {};
  for (let round = 0; round < 60; round += 1) {
    const from = dice(2) === 0 ? tree() : local();
    const to = dice(2) === 0 ? tree() : local();
    const [old, bytes] = [content(50_000, 3), content(600_000)];
    await from.write("a", bytes);
    await to.write("b", old);
    const controller = new AbortController();
    const at = dice(700_000);
    const onProgress = ({ fileBytes }: StoreTransferProgress): void => {
      if (fileBytes >= at) setTimeout(() => controller.abort(), dice(3));
    };
    const fault = { kind: "unavailable", at } satisfies Fault;
    const source = dice(2) === 0 ? faulty(from, () => fault) : from;
    const ends = [
      { store: source, path: "a" },
      { store: to, path: "b" },
    ] as const;
    const options = { overwrite: true, onProgress, signal: controller.signal };
    const outcome = await transfer(...ends, options).then(
      () => "done",
      (error: Error) => error.name,
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const found = await to.readBytes("b");
    if (outcome === "done") expect(Buffer.compare(found, bytes)).toBe(0);
    else if (outcome === "SourceFailed") expect(Buffer.compare(found, old)).toBe(0);
    else expect([50_000, 600_000]).toContain(found.byteLength);
    expect(Buffer.compare(found, found.byteLength === 50_000 ? old : bytes)).toBe(0);
    expect(await all(to.listFiles(""))).toHaveLength(1);
  }
  console.log("60 transfers that were ended or not:", JSON.stringify(outcomes));
  expect(Object.keys(outcomes).length).toBeGreaterThan(1);
  const named = new Set(["Aborted", "SourceFailed", "done"]);
  expect(Object.keys(outcomes).filter((name) => !named.has(name))).toEqual([]);
});

test("all files of a folder go to another, with an outcome for each in order", async () => {
  const [from, to] = [tree(), local()];
  const names = ["a", "a-b", "c/d", "c/e/f", "ﬀ", "🎈"];
  for (const name of names) await from.writeText(`in/${name}`, name);
  await from.writeText("out", "not this one");
  await to.writeText("copy/a-b", "mine");
  const told: StoreTransferProgress[] = [];
  const options = { concurrency: 3, onProgress: (one: StoreTransferProgress) => told.push(one) };
  const outcomes = await all(transferAll(from.child("in"), to.child("copy"), options));
  expect(outcomes.map(({ item }) => item.path)).toEqual(names);
  expect(outcomes.map((one) => (one.ok ? "ok" : one.error.name))).toEqual(
    names.map((name) => (name === "a-b" ? "AlreadyExists" : "ok")),
  );
  expect(told.at(-1)?.files).toBe(5);
  const texts = Object.fromEntries(names.map((name) => [name, name]));
  expect(await textsOf(to.child("copy"))).toEqual({ ...texts, "a-b": "mine" });
});

test("a source whose listing breaks off is thrown as SourceFailed, after what it named; an abort is no end", async () => {
  const [from, to] = [tree(), tree()];
  for (const name of ["a", "b", "c"]) await from.writeText(name, name);
  const breaking = faulty(from, ({ operation }) =>
    operation === "listFiles" ? { kind: "unavailable", at: 2 } : undefined,
  );
  await expect(all(transferAll(breaking, to))).rejects.toMatchObject({
    name: "SourceFailed",
    cause: { name: "BackendUnavailable", operation: "listFiles" },
  });
  expect(await textsOf(to)).toEqual({ a: "a", b: "b" });
  const controller = new AbortController();
  const ended = async (): Promise<void> => {
    const options = { concurrency: 1, overwrite: true, signal: controller.signal };
    for await (const outcome of transferAll(from, to, options)) {
      expect(outcome.item.path).toBe("a");
      controller.abort();
      break;
    }
  };
  await ended();
  controller.abort();
  const after = transferAll(from, to, { signal: controller.signal });
  await expect(all(after)).rejects.toMatchObject({ name: "Aborted" });
});

test("memory does not grow with the size of a file", async () => {
  const mebibyte = 2 ** 20;
  const from = local();
  async function* large(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < 256; sent += 1) yield new Uint8Array(mebibyte);
  }
  await from.write("a", large());
  const to = local();
  let most = 0;
  const before = process.memoryUsage().rss;
  await transfer(
    { store: from, path: "a" },
    { store: to, path: "a" },
    { onProgress: () => (most = Math.max(most, process.memoryUsage().rss - before)) },
  );
  console.log(`256 MiB transferred: memory grew by ${Math.round(most / mebibyte)} MiB at most`);
  expect(most).toBeLessThan(128 * mebibyte);
});

test("a destination that cannot keep readers from seeing a part is asked only where that was allowed", async () => {
  class Plain extends MemoryDriver {
    override readonly capabilities = new Set(
      [...new MemoryDriver().capabilities].filter((one) => one !== "atomic_write"),
    );
  }
  const [from, to] = [tree(), Store.over(new Plain())];
  await from.writeText("a", "x");
  const ends = [
    { store: from, path: "a" },
    { store: to, path: "a" },
  ] as const;
  const lacking = { name: "CapabilityNotSupported", capability: "atomic_write" };
  await expect(transfer(...ends)).rejects.toMatchObject(lacking);
  expect(await transfer(...ends, { atomic: false })).toMatchObject({ size: 1 });
});
