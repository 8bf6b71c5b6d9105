import { expect, test } from "vitest";
import type { Fs } from "../disk/fs.ts";
import type { MemoryImage } from "../index/memory-store.ts";
import type { OpenEngine } from "../open-engine.ts";
import { seeded } from "./seeded.ts";
import { SimDisk } from "./sim-disk.ts";
import { openSimulated, orphans } from "./simulated-engine.ts";
import { Witness } from "./witness.ts";

/** Small, empty, large, uploads, overwrites and deletes: contents 1 to 10 cover every size and kind. */
const scenario = async (engine: OpenEngine, witness: Witness): Promise<unknown[]> => {
  const failures: unknown[] = [];
  await engine.createBucket("b").catch((error: unknown) => failures.push(error));
  for (let step = 0; step < 14; step += 1) {
    const content = step % 5 === 4 ? undefined : witness.nextContent();
    const written = witness.write(engine, `k${step % 3}`, content);
    await written.catch((error: unknown) => failures.push(error));
  }
  return failures;
};

/** A disk whose files take only some of what they are offered. */
const taking = (disk: SimDisk, part: (path: string, bytes: Buffer) => Buffer): Fs => ({
  open: async (path, mode) => {
    const file = await disk.open(path, mode);
    return { ...file, write: (bytes, position) => file.write(part(path, bytes), position) };
  },
  unlink: (path) => disk.unlink(path),
  rename: (from, to) => disk.rename(from, to),
  mkdir: (path) => disk.mkdir(path),
  readdir: (path) => disk.readdir(path),
  syncDirectory: (path) => disk.syncDirectory(path),
  space: () => disk.space(),
});

test("a disk that takes a third of every write loses nothing", async () => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  const disk = new SimDisk();
  const fs = taking(disk, (_, bytes) => bytes.subarray(0, Math.ceil(bytes.length / 3)));
  const witness = new Witness();
  const engine = await openSimulated({ disk, image, fs });
  expect(await scenario(engine, witness)).toEqual([]);
  await engine.close();
  const restarted = await openSimulated({ disk: disk.crash(() => 0.99), image });
  expect(await witness.compare(restarted)).toEqual([]);
});

test("a commit that a full disk took half of does not damage the log for the shorter ones behind it", async () => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  let filling = false;
  let offered = 0;
  const disk = new SimDisk(({ kind, path }) => {
    if (filling && kind === "write" && path.includes("/log/") && ++offered % 2 === 0) {
      throw Object.assign(new Error(), { code: "ENOSPC" });
    }
  });
  const fs = taking(disk, (path, bytes) =>
    filling && path.includes("/log/") ? bytes.subarray(0, bytes.length / 2) : bytes,
  );
  const witness = new Witness();
  const engine = await openSimulated({ disk, image, fs });
  await engine.createBucket("b");
  await witness.write(engine, "k", 1);
  filling = true;
  await expect(witness.write(engine, "k", 2)).rejects.toMatchObject({ reason: "disk_full" });
  filling = false;
  await witness.write(engine, "k", undefined);
  const restarted = await openSimulated({ disk: disk.crash(() => 0.99), image });
  expect(restarted.recovered.cutBytes).toBe(0);
  expect(await witness.compare(restarted)).toEqual([]);
});

test("after a failed sync nothing is acknowledged, reads go on and health says why", async () => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  let failing = false;
  const disk = new SimDisk(({ kind }) => {
    if (failing && kind === "datasync") throw Object.assign(new Error(), { code: "EIO" });
  });
  const engine = await openSimulated({ disk, image });
  await engine.createBucket("b");
  const witness = new Witness();
  await witness.write(engine, "k", 1);
  failing = true;
  await expect(witness.write(engine, "k", 2)).rejects.toMatchObject({ code: "ServiceUnavailable" });
  failing = false;
  await expect(witness.write(engine, "other", 2)).rejects.toMatchObject({
    code: "ServiceUnavailable",
    reason: "sync_failed",
  });
  expect(engine.health()).toMatchObject({ writable: false, reason: "sync_failed" });
  expect((await engine.headObject("b", "k")).size).toBe(90);
  await engine.close();
});

test("a full disk refuses writes by its own name, and takes them again when there is room", async () => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  let full = false;
  const disk = new SimDisk(({ kind }) => {
    if (full && kind === "write") throw Object.assign(new Error(), { code: "ENOSPC" });
  });
  const engine = await openSimulated({ disk, image });
  await engine.createBucket("b");
  const witness = new Witness();
  await witness.write(engine, "k", 1);
  full = true;
  const refusal = { code: "InsufficientStorage", reason: "disk_full" };
  await expect(witness.write(engine, "k", 2)).rejects.toMatchObject(refusal);
  await expect(witness.write(engine, "l", 4)).rejects.toMatchObject(refusal);
  full = false;
  await witness.write(engine, "k", 7);
  expect(await witness.compare(engine)).toEqual([]);
  await engine.close();
  const after = disk.crash(seeded(1));
  const restarted = await openSimulated({ disk: after, image });
  expect(await witness.compare(restarted)).toEqual([]);
  expect(orphans({ disk: after, image })).toEqual([]);
});
