import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLevelStore } from "../index/level-store.ts";
import { memoryStore, type MemoryImage } from "../index/memory-store.ts";
import type { OpenStore, OrderedStore } from "../index/ordered-store.ts";
import { openEngine, type OpenEngine } from "../open-engine.ts";
import { quiet } from "../simulation/quiet.ts";
import { SimDisk } from "../simulation/sim-disk.ts";
import { directory, openSimulated } from "../simulation/simulated-engine.ts";
import { Witness } from "../simulation/witness.ts";

/** An index that takes nothing from `stop` to `go`. */
class Gate {
  #stopped: AbortController | undefined;
  /** Batches that came while it was shut. */
  held = 0;

  stop(): void {
    this.#stopped = new AbortController();
  }

  go(): void {
    this.#stopped?.abort();
    this.#stopped = undefined;
  }

  readonly of = (store: OrderedStore): OrderedStore => ({
    ...store,
    apply: async (changes) => {
      if (this.#stopped !== undefined) {
        this.held += 1;
        await once(this.#stopped.signal, "abort");
      }
      await store.apply(changes);
    },
  });
}

const metadata = { system: {}, user: {} };

const put = (engine: OpenEngine, key: string, bytes: Buffer): Promise<unknown> =>
  engine.putObject({
    bucket: "b",
    key,
    body: (async function* () {
      yield bytes;
    })(),
    size: bytes.length,
    metadata,
    checksumAlgorithm: "CRC32C",
  });

const keys = async (engine: OpenEngine): Promise<readonly string[]> => {
  const all = { bucket: "b", prefix: "", delimiter: "", after: "", limit: 1000 };
  const { entries } = await engine.listObjects(all);
  return entries.map((entry) => (entry.type === "object" ? entry.object.key : entry.prefix));
};

const gated = async () => {
  const gate = new Gate();
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  const disk = new SimDisk();
  const engine = await openSimulated({ disk, image, store: gate.of });
  await engine.createBucket("b");
  await quiet();
  return { gate, image, disk, engine, witness: new Witness() };
};

/** An engine whose log is not outgrown. */
const gatedWithLargeLog = async () => {
  const gate = new Gate();
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  const openStore: OpenStore = async () => gate.of(memoryStore(image));
  const clock = { now: () => 0, elapsed: () => 0 };
  const logBytesMax = 256 * 1024 * 1024;
  const engine = await openEngine({ directory, fs: new SimDisk(), clock, openStore, logBytesMax });
  await engine.createBucket("b");
  await quiet();
  return { gate, engine };
};

test("what was answered is read, listed and decided on before the index has it", async () => {
  const { gate, engine, witness } = await gated();
  await put(engine, "old", Buffer.from("1"));
  await put(engine, "gone", Buffer.from("1"));
  await quiet();
  gate.stop();
  await put(engine, "old", Buffer.from("22"));
  await put(engine, "new", Buffer.from("333"));
  await engine.deleteObject({ bucket: "b", key: "gone" });
  await quiet();
  expect(gate.held).toBe(1);
  expect((await engine.headObject("b", "old")).size).toBe(2);
  expect((await engine.openObject("b", "new")).bytes?.toString()).toBe("333");
  await expect(engine.headObject("b", "gone")).rejects.toMatchObject({ code: "NoSuchKey" });
  expect(await keys(engine)).toEqual(["new", "old"]);
  const seen: unknown[] = [];
  const precondition = (current: { readonly size: number } | undefined): void => {
    seen.push(current?.size);
  };
  for (const key of ["old", "gone", "new"]) {
    await engine.deleteObject({ bucket: "b", key, precondition });
  }
  expect(seen).toEqual([2, undefined, 3]);
  await engine.deleteBucket("b");
  await expect(engine.headBucket("b")).rejects.toMatchObject({ code: "NoSuchBucket" });
  await engine.createBucket("b");
  await witness.write(engine, "k", 2);
  gate.go();
  await quiet();
  expect(await witness.compare(engine)).toEqual([]);
  expect(await keys(engine)).toEqual(["k"]);
  await engine.close();
});

test("a log file stays until the index has what it holds, whenever the power goes", async () => {
  const { gate, image, disk, engine, witness } = await gated();
  gate.stop();
  let writing = Promise.resolve();
  for (let content = 1; content <= 40; content += 1) {
    // Those behind the checkpoint wait for it.
    writing = writing.then(() => witness.write(engine, `k${content % 7}`, content));
  }
  writing.catch(() => undefined);
  await quiet();
  expect(witness.acknowledged).toBeGreaterThan(3);
  expect(witness.acknowledged).toBeLessThan(40);
  const after = disk.crash(() => 0.99);
  const restarted = await openSimulated({
    disk: after,
    image: { durable: image.durable, unflushed: [] },
  });
  expect(await witness.compare(restarted)).toEqual([]);
  await restarted.close();
});

test("closing waits until the index has everything", async () => {
  const { gate, image, disk, engine, witness } = await gated();
  gate.stop();
  await witness.write(engine, "k", 2);
  let closed = false;
  const closing = engine.close().then(() => (closed = true));
  await quiet();
  expect(closed).toBe(false);
  gate.go();
  await closing;
  image.unflushed = [];
  const restarted = await openSimulated({ disk: disk.crash(() => 0.99), image });
  // The checkpoint of the close is one, and its log file stays.
  expect(restarted.recovered.replayedCommits).toBe(1);
  expect(await witness.compare(restarted)).toEqual([]);
  await restarted.close();
});

test("closing a volume that takes no more writes waits for what the index is taking, and begins no more", async () => {
  const gate = new Gate();
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  let failing = false;
  const disk = new SimDisk(({ kind }) => {
    if (failing && kind === "datasync") throw Object.assign(new Error(kind), { code: "EIO" });
  });
  const engine = await openSimulated({ disk, image, store: gate.of });
  await engine.createBucket("b");
  await quiet();
  const witness = new Witness();
  gate.stop();
  await witness.write(engine, "k", 2);
  await quiet();
  await witness.write(engine, "l", 3);
  failing = true;
  await expect(put(engine, "m", Buffer.from("1"))).rejects.toMatchObject({ reason: "sync_failed" });
  let closed = false;
  const closing = engine.close().then(() => (closed = true));
  await quiet();
  expect(closed).toBe(false);
  gate.go();
  await closing;
  expect(gate.held).toBe(1);
  image.unflushed = [];
  const restarted = await openSimulated({ disk: disk.crash(() => 0.99), image });
  expect(restarted.recovered.replayedCommits).toBeGreaterThan(1);
  expect(await witness.compare(restarted)).toEqual([]);
  await restarted.close();
});

test.each([
  { what: "commits", writes: 600, atOnce: 1, bytes: 1, most: 257 },
  { what: "bytes", writes: 2500, atOnce: 2500, bytes: 16 * 1024, most: 1100 },
])(
  "writers wait when too many $what are not in the index yet, and go on",
  async ({ writes, atOnce, bytes, most }) => {
    const { gate, engine } = await gatedWithLargeLog();
    gate.stop();
    const puts = { begun: 0, answered: 0 };
    const writer = async (): Promise<void> => {
      while (puts.begun < writes) {
        puts.begun += 1;
        await put(engine, `k${puts.begun}`, Buffer.alloc(bytes));
        puts.answered += 1;
      }
    };
    const writing = Promise.all(Array.from({ length: atOnce }, writer));
    for (let before = -1; puts.answered > before || puts.answered === 0;) {
      before = puts.answered;
      for (let turn = 0; turn < 20; turn += 1) await quiet();
    }
    console.log(`${puts.answered} of ${writes} answered while the index took nothing`);
    expect(puts.answered).toBeGreaterThan(most / 4);
    expect(puts.answered).toBeLessThanOrEqual(most);
    gate.go();
    await writing;
    expect(puts.answered).toBe(writes);
    await engine.close();
  },
  300_000,
);

test("a scrub and a backup are of what was answered, not of what the index has", async () => {
  const root = await mkdtemp(join(tmpdir(), "holdfast-applier-"));
  const gate = new Gate();
  const data = join(root, "data");
  const openStore: OpenStore = async (path) => {
    const store = await openLevelStore(path);
    return path.startsWith(data) ? gate.of(store) : store;
  };
  try {
    const engine = await openEngine({ directory: data, openStore });
    await engine.createBucket("b");
    const witness = new Witness();
    await witness.write(engine, "k0", 1);
    await witness.write(engine, "k1", 4);
    gate.stop();
    await witness.write(engine, "k1", 7);
    await witness.write(engine, "k2", 9);
    await witness.write(engine, "k0", undefined);
    expect((await engine.scrub()).findings).toEqual([]);
    const to = join(root, "copy");
    expect((await engine.backup({ to })).findings).toEqual([]);
    gate.go();
    await engine.close();
    const copy = await openEngine({ directory: to });
    expect(await witness.compare(copy)).toEqual([]);
    expect((await copy.scrub()).findings).toEqual([]);
    await copy.close();
  } finally {
    await rm(root, { recursive: true });
  }
});
