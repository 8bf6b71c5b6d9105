import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Ledger, type Claim, type Held } from "./ledger.ts";
import { recount } from "./recount.ts";
import type { Shelf } from "./shelf.ts";
import { objectSlot } from "./slot.ts";
import { UsageDatabase } from "./usage-database.ts";

const bucket = "b";
let directory = "";
let database: UsageDatabase;
let ledger: Ledger;
let held: Map<string, number>;
/** Lets a look that has read what is there go on. */
let gate: Promise<void>;

const shelf: Shelf = {
  lagMs: 0,
  async objectBytes(_bucket, key) {
    const size = held.get(key) ?? 0;
    await gate;
    return size;
  },
  partBytes: async () => 0,
  parts: async () => new Map(),
  objects: async () => ({
    objects: [...held]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, size]) => ({ key, size })),
  }),
  uploads: async () => ({ uploads: [] }),
};

const counted = () => recount({ database, ledger, shelf, bucket });
const used = async (): Promise<number | undefined> =>
  (await database.transact((rows) => rows.usage(bucket)))?.usedBytes;

async function begin(key: string, bytes: number, hardBytes?: number): Promise<Held> {
  const claim: Claim = { bucket, slots: [objectSlot(bucket, key)], bytes, hardBytes };
  const begun = await ledger.begin(claim, shelf);
  if (begun === undefined) throw new TypeError("never counted");
  return begun;
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-ledger-"));
  database = await UsageDatabase.open(join(directory, "usage.db"), { boot: "boot" });
  ledger = new Ledger(database, Date.now);
  held = new Map();
  gate = Promise.resolve();
});
afterEach(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

test("what a deletion gives back is not given away while an overwrite of the same size is under way", async () => {
  held.set("k", 100);
  await counted();
  const overwrite = await begin("k", 100, 100);
  const deletion = await begin("k", 0, 100);
  held.delete("k");
  await ledger.settle(deletion, { bytes: 0 }, shelf);
  await expect(begin("other", 1, 100)).rejects.toMatchObject({ code: "EntityTooLarge" });
  held.set("k", 100);
  await ledger.settle(overwrite, { bytes: 100 }, shelf);
  expect(await used()).toBe(100);
});

test("a look that another writer overtakes is not believed", async () => {
  await counted();
  const first = await begin("k", 10);
  held.set("k", 10);
  let open = (): void => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const settled = ledger.settle(first, "unknown", shelf);
  for (let turn = 0; turn < 5; turn += 1) await database.transact(() => {});
  gate = Promise.resolve();
  const second = await begin("k", 20);
  held.set("k", 20);
  await ledger.settle(second, { bytes: 20 }, shelf);
  open();
  await settled;
  expect(await used()).toBe(20);
});

test("a second recount takes over from the first, which sets nothing", async () => {
  held.set("k", 7);
  let open = (): void => {};
  const waits = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow: Shelf = {
    ...shelf,
    async objects() {
      await waits;
      return { objects: [{ key: "k", size: 999 }] };
    },
  };
  const first = recount({ database, ledger, shelf: slow, bucket });
  await database.transact(() => {});
  expect(await counted()).toMatchObject({ usedBytes: 7, driftBytes: undefined });
  open();
  await expect(first).rejects.toMatchObject({ code: "OperationAborted" });
  expect(await used()).toBe(7);
});

test("a recount finds what was written past the gateway, and sets it right", async () => {
  held.set("k", 7);
  await counted();
  held.set("k", 12).set("l", 5);
  expect(await used()).toBe(7);
  expect(await counted()).toEqual({
    bucket,
    objects: 2,
    uploads: 0,
    usedBytes: 17,
    driftBytes: 10,
  });
});

test("after a start of the machine nothing that was counted is believed", async () => {
  held.set("k", 7);
  await counted();
  await database.close();
  database = await UsageDatabase.open(join(directory, "usage.db"), { boot: "boot" });
  expect(await used()).toBe(7);
  await database.close();
  database = await UsageDatabase.open(join(directory, "usage.db"), { boot: "another boot" });
  expect(await used()).toBeUndefined();
});

test("work of a transaction that throws is rejected, and what others wrote with it is kept", async () => {
  const outcomes = await Promise.allSettled([
    database.transact((rows) => rows.setCounted(objectSlot(bucket, "a"), 1)),
    database.transact(() => {
      throw new Error("as planned");
    }),
    database.transact((rows) => rows.setCounted(objectSlot(bucket, "b\0ü"), 2)),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const counts = await database.transact((rows) =>
    ["a", "b\0ü"].map((key) => rows.counted(objectSlot(bucket, key))),
  );
  expect(counts).toEqual([1, 2]);
});
