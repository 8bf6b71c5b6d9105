import { expect, test, vi } from "vitest";
import type { MemoryImage } from "./index/memory-store.ts";
import type { OpenEngine } from "./open-engine.ts";
import { SimDisk } from "./simulation/sim-disk.ts";
import { openSimulated, orphans } from "./simulation/simulated-engine.ts";
import { Witness } from "./simulation/witness.ts";

/** An engine whose index and probe meet a full disk when told, while its log still has room. */
const fillable = async () => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  const state = { full: false };
  const disk = new SimDisk(({ kind, path }) => {
    if (!state.full) return;
    if (kind === "index" || (kind === "write" && path.endsWith("PROBE"))) {
      throw Object.assign(new Error(kind), { code: "ENOSPC" });
    }
  });
  const engine = await openSimulated({ disk, image });
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
  expect(engine.health().writable).toBe(false);
  state.full = false;
  await vi.waitUntil(() => engine.health().writable, { timeout: 10_000 });
  expect(await list(engine)).toEqual(["before"]);
  await witness.write(engine, "after", 4);
  expect(await witness.compare(engine)).toEqual([]);
  await engine.close();
  expect(orphans({ disk, image })).toEqual([]);
  expect(disk.files().filter((path) => path.endsWith("PROBE"))).toEqual([]);
});

test("an index that fails on a disk with room ends writing, and nothing comes back by itself", async () => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  let failing = false;
  const disk = new SimDisk(({ kind }) => {
    if (failing && kind === "index") throw Object.assign(new Error(kind), { code: "EIO" });
  });
  const engine = await openSimulated({ disk, image });
  await engine.createBucket("b");
  failing = true;
  const witness = new Witness();
  await expect(witness.write(engine, "k", 1)).rejects.toMatchObject({
    code: "ServiceUnavailable",
    reason: "index_failed",
  });
  expect(engine.health()).toMatchObject({ writable: false, reason: "index_failed" });
  expect(engine.health().passing).toBeUndefined();
  await engine.close();
});
