import { expect, test } from "vitest";
import { blockBytes } from "../blobs/blob-format.ts";
import type { MemoryImage } from "../index/memory-store.ts";
import type { OpenEngine } from "../open-engine.ts";
import { seeded } from "../simulation/seeded.ts";
import { SimDisk } from "../simulation/sim-disk.ts";
import { openSimulated } from "../simulation/simulated-engine.ts";

const chance = seeded(Number(process.env["HOLDFAST_SEED"] ?? 5));

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const put = (engine: OpenEngine, key: string, size: number) =>
  engine.putObject({
    bucket: "b",
    key,
    body: once(Buffer.alloc(size, key)),
    size,
    metadata: { system: {}, user: {} },
    checksumAlgorithm: "CRC32",
  });

const start = async () => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  const disk = new SimDisk();
  const engine = await openSimulated({ disk, image });
  await engine.createBucket("b");
  return { image, disk, engine };
};

const flip = (disk: SimDisk, path: string, at: number): void =>
  disk.tamper(path, (file) => {
    file[at] = (file[at] ?? 0) ^ 1;
    return file;
  });

const blobs = (disk: SimDisk): readonly string[] =>
  disk.files().filter((name) => /\/[0-9a-f]{13}$/.test(name));

const read = async (engine: OpenEngine, key: string): Promise<number> => {
  const object = await engine.openObject("b", key);
  let bytes = 0;
  try {
    for await (const piece of object.read()) bytes += piece.length;
  } finally {
    await object.close();
  }
  return bytes;
};

const multipart = async (engine: OpenEngine, key: string): Promise<void> => {
  const metadata = { system: {}, user: {} };
  const ref = await engine.createUpload({ bucket: "b", key, metadata });
  const parts = [];
  for (const partNumber of [1, 2]) {
    const body = once(Buffer.alloc(5 * 1024 * 1024 + 100, `part ${partNumber}`));
    const { etag } = await engine.putPart({ ...ref, partNumber, body, size: undefined });
    parts.push({ partNumber, etag });
  }
  await engine.completeUpload({ ...ref, parts });
};

test("a sound directory is read whole and nothing is found, uploads and garbage included", async () => {
  const { engine } = await start();
  await put(engine, "empty", 0);
  await put(engine, "small", 1000);
  await put(engine, "large", 300_000);
  await engine.copyObject({ bucket: "b", key: "copy", source: { bucket: "b", key: "large" } });
  await multipart(engine, "parts");
  const ref = await engine.createUpload({
    bucket: "b",
    key: "unfinished",
    metadata: { system: {}, user: {} },
  });
  await engine.putPart({ ...ref, partNumber: 1, body: once(Buffer.alloc(20_000)), size: 20_000 });
  await put(engine, "large", 200_000);
  const report = await engine.scrub();
  expect(report).toMatchObject({ damaged: 0, findings: [], blobs: 5 });
  expect(report.bytes).toBeGreaterThan(10_000_000);
  await engine.close();
});

test("a damaged blob is named with its objects and bytes, moved aside, and its objects stay listed", async () => {
  const { disk, engine } = await start();
  await put(engine, "k", 300_000);
  await engine.copyObject({ bucket: "b", key: "copy", source: { bucket: "b", key: "k" } });
  const [path = ""] = blobs(disk);
  flip(disk, path, 2 * blockBytes + 5);
  const file = path.slice("/data/".length);
  const ranges = [{ start: 2 * blockBytes, end: 3 * blockBytes - 1 }];
  const owners = ["copy", "k"].map((key) => ({ bucket: "b", key, ranges }));
  const quarantined = `${file}.damaged`;
  expect(await engine.scrub()).toMatchObject({
    damaged: 1,
    findings: [{ kind: "damaged-blob", file, ranges, owners, quarantined }],
  });
  expect(disk.files()).toContain(`/data/${quarantined}`);
  expect((await engine.headObject("b", "k")).size).toBe(300_000);
  await expect(read(engine, "k")).rejects.toMatchObject({ code: "InternalError" });
  const again = await engine.scrub();
  expect(again).toMatchObject({ damaged: 1, findings: [{ kind: "missing-blob", quarantined }] });
  await put(engine, "k", 20_000);
  expect(disk.files()).toContain(`/data/${quarantined}`);
  await engine.deleteObject({ bucket: "b", key: "copy" });
  expect(await engine.scrub()).toMatchObject({ damaged: 0 });
  expect(await read(engine, "k")).toBe(20_000);
  await engine.close();
  expect(disk.files()).not.toContain(`/data/${quarantined}`);
});

test("damage in a part is told as bytes of the whole object", async () => {
  const { disk, engine } = await start();
  await multipart(engine, "parts");
  const second = blobs(disk)[1] ?? "";
  flip(disk, second, blockBytes);
  const first = 5 * 1024 * 1024 + 100;
  const ranges = [{ start: first + blockBytes, end: first + 2 * blockBytes - 1 }];
  expect((await engine.scrub({ changeNothing: true })).findings).toMatchObject([
    { kind: "damaged-blob", owners: [{ bucket: "b", key: "parts", ranges }] },
  ]);
  expect(blobs(disk)).toHaveLength(2);
  await engine.close();
});

test("a blob whose file is gone or cut short is found", async () => {
  const { disk, engine } = await start();
  await put(engine, "cut", 100_000);
  await put(engine, "gone", 100_000);
  const [cut = "", gone = ""] = blobs(disk);
  disk.tamper(cut, (file) => file.subarray(0, 90_000));
  await disk.unlink(gone);
  const { findings } = await engine.scrub({ changeNothing: true });
  expect(findings).toMatchObject([
    { kind: "damaged-blob", owners: [{ key: "cut" }], ranges: [] },
    { kind: "missing-blob", owners: [{ key: "gone" }] },
  ]);
  await engine.close();
});

test("a record that vanished, or whose key or value changed, is found by what names it or what it named", async () => {
  const { image, disk, engine } = await start();
  await put(engine, "empty", 0);
  await put(engine, "small", 1000);
  await put(engine, "large", 100_000);
  await multipart(engine, "parts");
  await engine.close();
  const sound = image.durable;
  const rot: [string, ReadonlyMap<string, Buffer>][] = [];
  for (const [key, value] of sound) {
    if (key.startsWith("m")) continue;
    // Only an object without bytes can go without a trace.
    const gone = new Map(sound);
    gone.delete(key);
    if (!key.includes("empty")) rot.push([`without ${key}`, gone]);
    const rotten = Buffer.from(value);
    const at = Math.floor(chance() * value.length);
    rotten[at] = (rotten[at] ?? 0) ^ (1 << Math.floor(chance() * 8));
    if (value.length > 0) rot.push([`value of ${key}`, new Map([...sound, [key, rotten]])]);
    const name = Buffer.from(key, "latin1");
    const where = 1 + Math.floor(chance() * (name.length - 1));
    name[where] = (name[where] ?? 0) ^ (1 << Math.floor(chance() * 8));
    gone.set(name.toString("latin1"), value);
    rot.push([`key of ${key}`, gone]);
  }
  expect(rot.length).toBeGreaterThan(20);
  for (const [what, durable] of rot) {
    const machine = { disk: disk.crash(() => 0), image: { durable, unflushed: [] } };
    const restarted = await openSimulated(machine).catch(() => undefined);
    const damaged = restarted === undefined ? "refused" : (await restarted.scrub()).damaged;
    expect({ what, damaged }).not.toEqual({ what, damaged: 0 });
    await restarted?.close().catch(() => undefined);
  }
});

test("writes that go on during a scrub are never taken for damage", async () => {
  const { engine } = await start();
  const sizes = [0, 10, 1000, 20_000, 100_000];
  const over = new AbortController();
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let write = 0; !over.signal.aborted; write += 1) {
      const key = `${writer}/${write % 7}`;
      if (write % 5 === 4) await engine.deleteObject({ bucket: "b", key });
      else await put(engine, key, sizes[(write * 3 + writer) % sizes.length] ?? 0);
      if (write % 40 === 0) await multipart(engine, "parts");
    }
  });
  let records = 0;
  for (let pass = 0; pass < 30; pass += 1) {
    const report = await engine.scrub();
    expect(report).toMatchObject({ damaged: 0, findings: [] });
    records += report.records;
  }
  over.abort();
  await Promise.all(writers);
  expect(records).toBeGreaterThan(1000);
  await engine.close();
});

test("a scrub keeps to its rate, and ends when its signal aborts or the engine closes", async () => {
  const { engine } = await start();
  await put(engine, "k", 1_000_000);
  const begun = performance.now();
  await engine.scrub({ bytesPerSecond: 4_000_000 });
  expect(performance.now() - begun).toBeGreaterThan(200);
  const abort = new AbortController();
  const slow = engine.scrub({ bytesPerSecond: 1000, signal: abort.signal });
  const slower = engine.scrub({ bytesPerSecond: 1000 });
  abort.abort(new Error("enough"));
  await expect(slow).rejects.toThrow("enough");
  await Promise.all([
    expect(slower).rejects.toMatchObject({ reason: "engine_closed" }),
    engine.close(),
  ]);
});

test("what was moved aside is gone with its last object, also when the power went before its unlinking was durable", async () => {
  const { image, disk, engine } = await start();
  await put(engine, "k", 300_000);
  flip(disk, blobs(disk)[0] ?? "", 5);
  await engine.scrub();
  await engine.deleteObject({ bucket: "b", key: "k" });
  const after = disk.crash(() => 0);
  expect(after.files().filter((name) => name.endsWith(".damaged"))).toHaveLength(1);
  const restarted = await openSimulated({ disk: after, image });
  expect(restarted.recovered).toMatchObject({ deletedBlobs: 1 });
  await restarted.close();
  expect(after.files().filter((name) => name.includes("/blobs/"))).toEqual([]);
});
