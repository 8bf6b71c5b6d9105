import { expect, test } from "vitest";
import { memoryStore, type MemoryImage } from "../index/memory-store.ts";
import { openEngine, type OpenEngine } from "../open-engine.ts";
import { SimDisk } from "../simulation/sim-disk.ts";

const dayMs = 24 * 60 * 60 * 1000;

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const start = async () => {
  const disk = new SimDisk();
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  const clock = { days: 100, now: () => clock.days * dayMs };
  const openStore = async () => memoryStore(image);
  const restart = () => openEngine({ directory: "/data", fs: disk, clock, openStore });
  const engine = await restart();
  await engine.createBucket("b");
  return { disk, clock, engine, restart };
};

const sweep = (engine: OpenEngine) => engine.abortStaleUploads({ idleMs: 7 * dayMs });

/** Lets days pass, each with a look at the uploads; how many of them were aborted. */
const pass = async (engine: OpenEngine, clock: { days: number }, days: number): Promise<number> => {
  let aborted = await sweep(engine);
  for (let day = 0; day < days; day += 1) {
    clock.days += 1;
    aborted += await sweep(engine);
  }
  return aborted;
};

const create = (engine: OpenEngine, key: string) =>
  engine.createUpload({ bucket: "b", key, metadata: { system: {}, user: {} } });

const putPart = async (
  engine: OpenEngine,
  ref: Awaited<ReturnType<typeof create>>,
  partNumber = 1,
) => engine.putPart({ ...ref, partNumber, body: once(Buffer.alloc(30_000)), size: 30_000 });

test("uploads without a part for a week are aborted and their space comes back; others go on", async () => {
  const { disk, clock, engine } = await start();
  const blobs = (): number => disk.files().filter((name) => name.includes("/blobs/")).length;
  const stale = await create(engine, "stale");
  const slow = await create(engine, "slow");
  await putPart(engine, stale);
  await putPart(engine, slow);
  expect(await pass(engine, clock, 5)).toBe(0);
  const fresh = await create(engine, "fresh");
  await putPart(engine, slow, 2);
  await putPart(engine, fresh);
  expect(blobs()).toBe(4);
  expect(await pass(engine, clock, 3)).toBe(1);
  await expect(engine.listParts(stale, { after: 0, limit: 9 })).rejects.toMatchObject({
    code: "NoSuchUpload",
  });
  const etags = (await engine.listParts(slow, { after: 0, limit: 9 })).parts;
  await engine.completeUpload({ ...slow, parts: etags.slice(0, 1) });
  expect((await engine.listParts(fresh, { after: 0, limit: 9 })).parts).toHaveLength(1);
  expect(await engine.scrub()).toMatchObject({ damaged: 0 });
  await engine.close();
  expect(blobs()).toBe(2);
});

test("a clock that went back makes nothing stale", async () => {
  const { clock, engine } = await start();
  await create(engine, "k");
  expect(await pass(engine, clock, 6)).toBe(0);
  clock.days -= 50;
  expect(await pass(engine, clock, 40)).toBe(0);
  await engine.close();
});

test("a start with a clock that is years ahead aborts nothing, nor does one that is right again", async () => {
  const { clock, engine, restart } = await start();
  const fresh = await create(engine, "fresh");
  await putPart(engine, fresh);
  expect(await pass(engine, clock, 6)).toBe(0);
  await engine.close();
  clock.days += 3650;
  const ahead = await restart();
  expect(await pass(ahead, clock, 6)).toBe(0);
  await ahead.close();
  clock.days -= 3650;
  const right = await restart();
  expect(await pass(right, clock, 6)).toBe(0);
  expect((await right.listParts(fresh, { after: 0, limit: 9 })).parts).toHaveLength(1);
  expect(await pass(right, clock, 2)).toBe(1);
  await right.close();
});

test("an upload that was begun before anyone looked has its whole time", async () => {
  const { clock, engine } = await start();
  await create(engine, "k");
  clock.days += 100;
  expect(await pass(engine, clock, 7)).toBe(0);
  expect(await pass(engine, clock, 1)).toBe(1);
  await engine.close();
});

test("a server that is off at night and for a weekend gets rid of stale uploads", async () => {
  const { clock, engine, restart } = await start();
  await create(engine, "k");
  await engine.close();
  let aborted = 0;
  for (const days of [0, 1, 1, 2.7, 1, 1, 1, 1]) {
    clock.days += days;
    const again = await restart();
    aborted += await sweep(again);
    await again.close();
  }
  expect(aborted).toBe(1);
});
