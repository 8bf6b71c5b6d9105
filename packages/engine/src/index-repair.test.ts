import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { uploadsRange } from "./index/keys.ts";
import type { MemoryImage } from "./index/memory-store.ts";
import type { OpenEngine } from "./open-engine.ts";
import { quiet } from "./simulation/quiet.ts";
import { changedDisk } from "./simulation/sabotage.ts";
import { SimDisk } from "./simulation/sim-disk.ts";
import { openSimulated, orphans, type Machine } from "./simulation/simulated-engine.ts";
import { Witness } from "./simulation/witness.ts";

/** An engine whose index and probe meet a full disk when told, while its log still has room. */
const fillable = async (store?: Machine["store"], state = { full: false, indexFull: true }) => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  const disk = new SimDisk(({ kind, path }) => {
    if (!state.full) return;
    if ((kind === "index" && state.indexFull) || (kind === "write" && path.endsWith("PROBE"))) {
      throw Object.assign(new Error(kind), { code: "ENOSPC" });
    }
  });
  const engine = await openSimulated({ disk, image, ...(store === undefined ? {} : { store }) });
  await engine.createBucket("b");
  const witness = new Witness();
  await witness.write(engine, "before", 1);
  await witness.write(engine, "large", 4);
  state.full = true;
  return { engine, disk, image, witness, state };
};

const list = async (engine: OpenEngine): Promise<readonly string[]> => {
  const all = { bucket: "b", prefix: "", delimiter: "", after: "", limit: 100 };
  const { entries } = await engine.listObjects(all);
  return entries.map((entry) => (entry.type === "object" ? entry.object.key : entry.prefix));
};

test("a commit that the log took and a full index did not is acknowledged, seen, and there after a power cut", async () => {
  const { engine, disk, image, witness } = await fillable();
  await witness.write(engine, "held", 2);
  await quiet();
  expect(engine.health()).toMatchObject({ writable: false, reason: "disk_full", passing: true });
  expect(await list(engine)).toEqual(["before", "held", "large"]);
  expect(await witness.compare(engine)).toEqual([]);
  await expect(witness.write(engine, "refused", 3)).rejects.toMatchObject({
    code: "InsufficientStorage",
    reason: "disk_full",
  });
  expect(await list(engine)).toEqual(["before", "held", "large"]);
  await engine.close();
  image.unflushed = [];
  const restarted = await openSimulated({ disk: disk.crash(() => 0.99), image });
  expect(await witness.compare(restarted)).toEqual([]);
});

test("when there is room again the index takes what it missed, and writes are taken without a restart", async () => {
  const { engine, disk, image, witness, state } = await fillable();
  await witness.write(engine, "large", undefined);
  await quiet();
  expect(engine.health().writable).toBe(false);
  state.full = false;
  await expect.poll(() => engine.health().writable).toBe(true);
  expect(await list(engine)).toEqual(["before"]);
  await witness.write(engine, "after", 4);
  expect(await witness.compare(engine)).toEqual([]);
  await engine.close();
  expect(orphans({ disk, image })).toEqual([]);
  expect(disk.files().filter((path) => path.endsWith("PROBE"))).toEqual([]);
});

test("the log keeps a commit that the index refused, also when it outgrew its budget and the index takes the next", async () => {
  const state = { full: false, indexFull: true };
  const takesTheNext: Machine["store"] = (store) => ({
    ...store,
    apply: (changes) =>
      store.apply(changes).catch((error: unknown) => {
        state.indexFull = false;
        throw error;
      }),
  });
  const { engine, disk, image } = await fillable(takesTheNext, state);
  const bytes = Buffer.alloc(9000, "held");
  const body = (async function* () {
    yield bytes;
  })();
  const metadata = { system: {}, user: {} };
  const put = { bucket: "b", key: "k", body, size: bytes.length, metadata };
  await engine.putObject({ ...put, checksumAlgorithm: "CRC32C" });
  await quiet();
  expect(engine.health()).toMatchObject({ writable: false, passing: true });
  state.full = false;
  await expect.poll(() => engine.health().writable).toBe(true);
  expect(await engine.headObject("b", "k")).toMatchObject({ size: 9000 });
  await engine.close();
  const restarted = await openSimulated({ disk, image });
  expect(await restarted.headObject("b", "k")).toMatchObject({ size: 9000 });
  await restarted.close();
});

/** Whether a read has to wait. */
const waits = (engine: OpenEngine): Promise<boolean> =>
  Promise.race([engine.headBucket("b").then(() => false), setTimeout(1000, true)]);

test("a walk that is under way when the index is to be opened anew gives way, and holds nobody up", async () => {
  const gate = new AbortController();
  const reached = new AbortController();
  const { engine, witness, state } = await fillable((store) => ({
    ...store,
    range(start, end) {
      const cursor = store.range(start, end);
      const next = async (count: number) => {
        reached.abort();
        if (!gate.signal.aborted) await once(gate.signal, "abort");
        return cursor.next(count);
      };
      return start.equals(uploadsRange.start) ? { ...cursor, next } : cursor;
    },
  }));
  state.full = false;
  for (const key of ["x", "y"]) {
    await engine.createUpload({ bucket: "b", key, metadata: { system: {}, user: {} } });
  }
  const underWay = once(reached.signal, "abort");
  const sweep = engine.abortStaleUploads({ idleMs: -1 });
  await underWay;
  state.full = true;
  await witness.write(engine, "held", 2);
  await quiet();
  state.full = false;
  await expect.poll(() => waits(engine)).toBe(true);
  gate.abort();
  await expect(sweep).rejects.toMatchObject({ reason: "index_reopening" });
  expect(await waits(engine)).toBe(false);
  expect(engine.health().writable).toBe(true);
  expect(await engine.abortStaleUploads({ idleMs: -1 })).toBe(2);
  expect(await witness.compare(engine)).toEqual([]);
  await engine.close();
});

test("an index that met a process without descriptors is opened anew once there are some, and nothing is lost", async () => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  let none = false;
  const disk = new SimDisk(({ kind, path }) => {
    if (!none || (kind !== "index" && kind !== "open")) return;
    throw Object.assign(new Error(`${kind} ${path}`), { code: "EMFILE" });
  });
  const engine = await openSimulated({ disk, image });
  await engine.createBucket("b");
  const witness = new Witness();
  await witness.write(engine, "before", 1);
  none = true;
  await witness.write(engine, "held", 2);
  await quiet();
  expect(engine.health()).toMatchObject({ reason: "out_of_descriptors", passing: true });
  await expect(witness.write(engine, "refused", 3)).rejects.toMatchObject({
    code: "ServiceUnavailable",
    reason: "out_of_descriptors",
  });
  expect(await list(engine)).toEqual(["before", "held"]);
  none = false;
  await expect.poll(() => engine.health().writable).toBe(true);
  await witness.write(engine, "after", 4);
  expect(await witness.compare(engine)).toEqual([]);
  await engine.close();
  const restarted = await openSimulated({ disk, image });
  expect(await witness.compare(restarted)).toEqual([]);
  await restarted.close();
});

test("what a full disk did to the index passes, too, when it comes to light after there is room again", async () => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  const state = { short: true, failing: false };
  const disk = new SimDisk(({ kind }) => {
    if (state.failing && kind === "index") throw Object.assign(new Error(kind), { code: "EIO" });
  });
  const fs = changedDisk(disk, {
    space: async () => ({ ...(await disk.space()), ...(state.short && { bytesFree: 0 }) }),
  });
  const engine = await openSimulated({ disk, image, fs });
  await expect(engine.createBucket("b")).rejects.toMatchObject({ reason: "disk_full" });
  state.short = false;
  await engine.createBucket("b");
  await quiet();
  const witness = new Witness();
  state.failing = true;
  await witness.write(engine, "k", 2);
  await quiet();
  expect(engine.health()).toMatchObject({ reason: "disk_full", passing: true });
  state.failing = false;
  await expect.poll(() => engine.health().writable).toBe(true);
  await witness.write(engine, "l", 3);
  expect(await witness.compare(engine)).toEqual([]);
  await engine.close();
});

test("an index that fails on a disk with room ends writing; what was answered is read, and there after a restart", async () => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  let failing = false;
  const disk = new SimDisk(({ kind }) => {
    if (failing && kind === "index") throw Object.assign(new Error(kind), { code: "EIO" });
  });
  const engine = await openSimulated({ disk, image });
  await engine.createBucket("b");
  failing = true;
  const witness = new Witness();
  await witness.write(engine, "k", 1);
  await quiet();
  await expect(witness.write(engine, "l", 2)).rejects.toMatchObject({
    code: "ServiceUnavailable",
    reason: "index_failed",
  });
  expect(await witness.compare(engine)).toEqual([]);
  expect(engine.health()).toMatchObject({ writable: false, reason: "index_failed" });
  expect(engine.health().passing).toBeUndefined();
  await engine.close();
  failing = false;
  image.unflushed = [];
  const restarted = await openSimulated({ disk: disk.crash(() => 0.99), image });
  expect(await witness.compare(restarted)).toEqual([]);
  await restarted.close();
});
