import { join } from "node:path";
import { nodeFs, openEngine, type Fs, type OpenEngine } from "@holdfast/engine";
import { afterEach, expect, test } from "vitest";
import { mountObstacle, mountTmpfs, type SmallDisk } from "./small-disk.ts";

const obstacle = mountObstacle();
if (obstacle !== undefined) console.log(`skipped: ${obstacle}`);

let disk: SmallDisk | undefined;
let engine: OpenEngine | undefined;

afterEach(async () => {
  await engine?.close().catch(() => undefined);
  await disk?.unmount();
  disk = engine = undefined;
});

const endless: Fs["space"] = async () => ({
  bytesFree: Infinity,
  bytesTotal: Infinity,
  filesFree: Infinity,
  filesTotal: Infinity,
});

async function open(fs: Fs): Promise<OpenEngine> {
  disk = await mountTmpfs("size=6m");
  engine = await openEngine({ directory: join(disk.path, "data"), fs, logBytesMax: 256 * 1024 });
  await engine.createBucket("b");
  return engine;
}

async function* body(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** Puts until something is refused, at most 20,000; resolves with the keys that were acknowledged. */
async function fill(into: OpenEngine, size: number): Promise<readonly string[]> {
  const kept: string[] = [];
  const metadata = { system: {}, user: {} };
  for (let number = 0; number < 20_000; number += 1) {
    const key = `k${number}`;
    const bytes = Buffer.alloc(size, number % 251);
    const input = { bucket: "b", key, size, metadata, checksumAlgorithm: "CRC32" } as const;
    const put = into.putObject({ ...input, body: body(bytes) }).then(() => kept.push(key));
    if (!(await put.then(Boolean, () => false))) break;
  }
  return kept;
}

async function isWhole(from: OpenEngine, key: string): Promise<boolean> {
  try {
    const object = await from.openObject("b", key);
    let size = 0;
    try {
      for await (const piece of object.read()) size += piece.length;
    } finally {
      await object.close();
    }
    return size === object.info.size;
  } catch {
    return false;
  }
}

test.skipIf(obstacle !== undefined)(
  "sabotage: a disk that hides that it is full is found out by the objects it lost",
  async () => {
    const hiding: Fs = {
      ...nodeFs,
      space: endless,
      open: async (path, mode) => {
        const file = await nodeFs.open(path, mode);
        return {
          ...file,
          write: (bytes, position) => file.write(bytes, position).catch(() => bytes.length),
        };
      },
    };
    const sabotaged = await open(hiding);
    const kept = await fill(sabotaged, 300_000);
    const whole = await Promise.all(kept.map((key) => isWhole(sabotaged, key)));
    const lost = whole.filter((one) => !one).length;
    console.log(`${lost} of ${kept.length} acknowledged objects are not whole`);
    expect(lost).toBeGreaterThan(0);
  },
);

test.skipIf(obstacle !== undefined)(
  "sabotage: without the reserve, a full disk has no room to delete",
  async () => {
    const sabotaged = await open({ ...nodeFs, space: endless });
    const kept = await fill(sabotaged, 1024);
    const deletes = await Promise.allSettled(
      kept.map((key) => sabotaged.deleteObject({ bucket: "b", key })),
    );
    const refused = deletes.filter(({ status }) => status === "rejected").length;
    console.log(`${refused} of ${deletes.length} deletes refused`);
    expect(refused).toBeGreaterThan(0);
  },
);
