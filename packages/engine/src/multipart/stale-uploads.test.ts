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
  const engine = await openEngine({ directory: "/data", fs: disk, clock, openStore });
  await engine.createBucket("b");
  return { disk, clock, engine };
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
  clock.days += 5;
  const fresh = await create(engine, "fresh");
  await putPart(engine, slow, 2);
  await putPart(engine, fresh);
  clock.days += 3;
  expect(blobs()).toBe(4);
  expect(await engine.abortStaleUploads({ idleMs: 7 * dayMs })).toBe(1);
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
  clock.days -= 50;
  expect(await engine.abortStaleUploads({ idleMs: 7 * dayMs })).toBe(0);
  await engine.close();
});
