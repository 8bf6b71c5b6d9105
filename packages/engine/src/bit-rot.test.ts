import { expect, test } from "vitest";
import type { OpenEngine } from "./open-engine.ts";
import type { MemoryImage } from "./index/memory-store.ts";
import { seeded } from "./simulation/seeded.ts";
import { SimDisk } from "./simulation/sim-disk.ts";
import { openSimulated } from "./simulation/simulated-engine.ts";

const chance = seeded(7);

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const put = (engine: OpenEngine, key: string, bytes: Buffer) =>
  engine.putObject({
    bucket: "b",
    key,
    body: once(bytes),
    size: bytes.length,
    metadata: { system: {}, user: {} },
    checksumAlgorithm: "CRC32",
  });

const start = async (size: number) => {
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  const disk = new SimDisk();
  const bytes = Buffer.from(Array.from({ length: size }, () => Math.floor(chance() * 256)));
  const engine = await openSimulated({ disk, image });
  await engine.createBucket("b");
  await put(engine, "k", bytes);
  return { image, disk, bytes, engine };
};

/** What a reader got before the end or the failure, and the failure. */
const read = async (engine: OpenEngine, range?: { start: number; end: number }) => {
  const pieces: Buffer[] = [];
  try {
    const object = await engine.openObject("b", "k");
    for await (const piece of object.read(range)) pieces.push(Buffer.from(piece));
    await object.close();
    return { bytes: Buffer.concat(pieces) };
  } catch (failure) {
    return { bytes: Buffer.concat(pieces), failure };
  }
};

const blobOf = (disk: SimDisk, not = ""): string =>
  disk.files().find((name) => name.includes("/blobs/") && name !== not) ?? "";

const corrupt = { code: "InternalError", reason: "corrupt_block" };

test("a flipped bit anywhere in a blob is found by whoever reads it, and no wrong byte is handed over", async () => {
  const { disk, bytes, engine } = await start(200_000);
  const path = blobOf(disk);
  const length = bytes.length + 4 * 4 + 36;
  for (let sample = 0; sample < 400; sample += 1) {
    const at = sample < 60 ? length - 1 - sample : Math.floor(chance() * length);
    const bit = 1 << Math.floor(chance() * 8);
    const flip = (file: Buffer): Buffer => {
      expect(file.length).toBe(length);
      file[at] = (file[at] ?? 0) ^ bit;
      return file;
    };
    disk.tamper(path, flip);
    const whole = await read(engine);
    expect(whole.failure).toMatchObject(corrupt);
    expect(whole.bytes.equals(bytes.subarray(0, whole.bytes.length))).toBe(true);
    const near = Math.min(at, bytes.length - 1);
    expect((await read(engine, { start: near, end: near })).failure).toMatchObject(corrupt);
    disk.tamper(path, flip);
  }
  expect((await read(engine)).bytes.equals(bytes)).toBe(true);
  await engine.close();
});

test("a large object is handed over up to the damaged block and no further", async () => {
  const { disk, bytes, engine } = await start(3 * 1024 * 1024 + 5);
  const path = blobOf(disk);
  disk.tamper(path, (file) => {
    file[2_500_000] = (file[2_500_000] ?? 0) ^ 1;
    return file;
  });
  const whole = await read(engine);
  expect(whole.failure).toMatchObject(corrupt);
  expect(whole.bytes.equals(bytes.subarray(0, 2 * 1024 * 1024))).toBe(true);
  const sound = await read(engine, { start: 100, end: 1_500_000 });
  expect(sound.bytes.equals(bytes.subarray(100, 1_500_001))).toBe(true);
  await engine.close();
});

test("a blob that is cut short, or stands in another's place, is not served", async () => {
  const { disk, bytes, engine } = await start(70_000);
  const path = blobOf(disk);
  await put(engine, "other", Buffer.alloc(bytes.length));
  const other = blobOf(disk, path);
  let foreign: Buffer = Buffer.alloc(0);
  disk.tamper(other, (file) => (foreign = file));
  disk.tamper(path, (file) => file.subarray(0, file.length - 1));
  expect((await read(engine)).failure).toMatchObject(corrupt);
  disk.tamper(path, () => foreign);
  expect((await read(engine)).failure).toMatchObject(corrupt);
  await engine.close();
});

test("a flipped bit anywhere in any record of the index is never served", async () => {
  const { image, disk, bytes, engine } = await start(1000);
  await engine.close();
  const sound = image.durable;
  let flips = 0;
  for (const [key, value] of sound) {
    for (let at = 0; at < value.length; at += Math.ceil(value.length / 100)) {
      const rotten = Buffer.from(value);
      rotten[at] = (rotten[at] ?? 0) ^ (1 << Math.floor(chance() * 8));
      const rottenImage: MemoryImage = {
        durable: new Map([...sound, [key, rotten]]),
        unflushed: [],
      };
      const restarted = await openSimulated({
        disk: disk.crash(() => 0),
        image: rottenImage,
      }).catch(() => undefined);
      const found = restarted === undefined ? { failure: "refused" } : await read(restarted);
      expect(found.failure === undefined ? found : { bytes }).toEqual({ bytes });
      flips += 1;
      await restarted?.close().catch(() => undefined);
    }
  }
  expect(flips).toBeGreaterThan(200);
});
