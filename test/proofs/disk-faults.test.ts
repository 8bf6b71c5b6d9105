import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { childText, readXml } from "@holdfast/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { healthEvents } from "./health-events.ts";
import { startServer, type ServerChild } from "./server-child.ts";
import { Shelf } from "./shelf.ts";
import {
  loopObstacle,
  mountExt4,
  mountObstacle,
  mountTmpfs,
  type SmallDisk,
} from "./small-disk.ts";

const bucket = "kept";
const sizes = [0, 700, 5000, 16_384, 20_000, 70_000, 300_000];
/** So many refusals in a row are a full disk. */
const refusalsMax = 40;

let server: ServerChild | undefined;
let disk: SmallDisk | undefined;
let shelf: Shelf;

afterEach(async () => {
  shelf.close();
  await server?.kill();
  await disk?.unmount();
  server = disk = undefined;
});

async function start(on: SmallDisk): Promise<ServerChild> {
  disk = on;
  server = await startServer({ directory: join(on.path, "data"), buckets: [bucket] });
  shelf.connect(server.port);
  return server;
}

/** Puts objects until nothing is taken any more; resolves with every kind of outcome but `ok`. */
async function fill(prefix: string, sizeOf: (index: number) => number): Promise<Set<string>> {
  const refusals = new Set<string>();
  let refused = 0;
  let next = 0;
  const writer = async (): Promise<void> => {
    while (refused < refusalsMax) {
      const index = next++;
      const outcome = await shelf.put(`${prefix}${String(index).padStart(5, "0")}`, sizeOf(index));
      if (outcome === "ok") {
        refused = 0;
      } else {
        refused += 1;
        refusals.add(outcome);
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, writer));
  return refusals;
}

async function beginUpload(key: string): Promise<string> {
  const target = `/${bucket}/${key}`;
  const reply = await shelf.send({ method: "POST", target: `${target}?uploads` });
  const uploadId = childText(readXml(reply.body, { nodesMax: 100 }), "UploadId") ?? "";
  const part = `${target}?partNumber=1&uploadId=${uploadId}`;
  expect(await shelf.ask({ method: "PUT", target: part, body: Buffer.alloc(90_000) })).toBe("ok");
  return uploadId;
}

async function files(below: string): Promise<readonly string[]> {
  const entries = await readdir(below, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** Objects that have a file of their own, for all we were told. */
function blobsKept(): number {
  return shelf.kept().filter((key) => {
    const state = shelf.log.settled(key);
    return state !== "absent" && (state.sizes[0] ?? 0) > 16 * 1024;
  }).length;
}

const obstacle = mountObstacle();
const obstacleOfLoops = await loopObstacle();
if (obstacle !== undefined) console.log(`skipped: ${obstacle}`);
if (obstacleOfLoops !== undefined) console.log(`skipped on ext4: ${obstacleOfLoops}`);

const mixed = (index: number): number => sizes[index % sizes.length] ?? 0;

interface Full {
  readonly name: string;
  readonly mount: () => Promise<SmallDisk>;
  readonly sizeOf: (index: number) => number;
  readonly reason: string | undefined;
}

const small = (): number => 1024;
const full: readonly Full[] = [
  {
    name: "a tmpfs full by bytes",
    mount: () => mountTmpfs("size=24m"),
    sizeOf: mixed,
    reason: obstacle,
  },
  {
    name: "a tmpfs full by inodes",
    mount: () => mountTmpfs("size=400m,nr_inodes=200"),
    sizeOf: () => 20_000,
    reason: obstacle,
  },
  {
    name: "a tmpfs full of small objects",
    // The audit lies on the same disk: its row of a deletion takes a third of what the deletion gives back.
    mount: () => mountTmpfs("size=16m"),
    sizeOf: small,
    reason: obstacle,
  },
  { name: "an ext4 of 32 MiB", mount: () => mountExt4(32), sizeOf: mixed, reason: obstacleOfLoops },
  {
    name: "an ext4 of 24 MiB full of small objects",
    mount: () => mountExt4(24),
    sizeOf: small,
    reason: obstacleOfLoops,
  },
];

describe.each(full)("$name", ({ name, mount, sizeOf, reason }) => {
  test.skipIf(reason !== undefined)(
    "refuses writes by name, goes on reading, deleting and aborting, and takes writes again when there is room",
    { timeout: 900_000 },
    async () => {
      shelf = new Shelf(bucket);
      const mounted = await mount();
      const data = join(mounted.path, "data");
      const running = await start(mounted);
      const uploadId = await beginUpload("upload");
      const refusals = await fill("first-", sizeOf);
      const kept = shelf.kept();
      expect([...refusals]).toEqual(["InsufficientStorage"]);
      expect(kept.length).toBeGreaterThan(20);
      expect(await shelf.check()).toEqual([]);
      const head = { method: "HEAD", target: `/${bucket}/${kept[0] ?? ""}` };
      expect((await shelf.send(head)).status).toBe(200);

      const target = `/${bucket}/upload?uploadId=${uploadId}`;
      expect(await shelf.ask({ method: "DELETE", target })).toBe("ok");
      // Less than most gives back no room before the index is compacted, for which nobody can wait.
      const most = kept.filter((_, index) => index % 4 !== 0);
      for (const key of most) expect(await shelf.delete(key)).toBe("ok");
      const again = await eventually(() => shelf.put("again", 1000), "ok", 20_000);
      expect(again).toBe("ok");
      const secondRefusals = await fill("second-", sizeOf);
      expect([...secondRefusals]).toEqual(["InsufficientStorage"]);

      expect(await shelf.check()).toEqual([]);
      expect(
        await eventually(async () => (await files(join(data, "blobs"))).length, blobsKept()),
      ).toBe(blobsKept());
      await running.kill();
      const restarted = await start(mounted);
      expect(await shelf.check()).toEqual([]);
      expect(restarted.recovered).toMatchObject({ cutBytes: 0 });
      expect((await files(join(data, "blobs"))).length).toBe(blobsKept());
      console.log(`${name}: ${shelf.counts()}; ${kept.length} kept when it was full, 0 lost`);
    },
  );
});

test.skipIf(obstacle !== undefined)(
  "a disk that others fill to the last byte, even in the middle of a commit, costs nothing but the writes refused meanwhile",
  { timeout: 900_000 },
  async () => {
    shelf = new Shelf(bucket);
    const running = await start(await mountTmpfs("size=24m"));
    for (let index = 0; index < 400; index += 1) await shelf.put(`k${index}`, index * 10);
    const pauses = (): number => healthEvents(running).filter(({ writable }) => !writable).length;
    let round = 0;
    // Whether the log or the index is the first to want a further block is chance.
    for (; round < 8 || (pauses() < 2 && round < 40); round += 1) {
      const giveBack = disk?.takeAll();
      const doomed = shelf.kept().slice(0, 25);
      for (const key of doomed) {
        const outcome = await shelf.delete(key);
        expect(["ok", "InsufficientStorage"]).toContain(outcome);
      }
      expect(await shelf.put(`full-${round}`, 100_000)).toBe("InsufficientStorage");
      giveBack?.();
      const again = await eventually(() => shelf.put(`again-${round}`, 1000), "ok", 20_000);
      expect(again).toBe("ok");
      expect(await shelf.check()).toEqual([]);
    }
    const reasons = healthEvents(running).flatMap(({ reason }) => reason ?? []);
    expect(new Set(reasons)).toEqual(new Set(["disk_full"]));
    expect(pauses()).toBeGreaterThan(0);
    expect(running.isRunning()).toBe(true);
    expect(await running.stop()).toBe(0);
    if (disk !== undefined) await start(disk);
    expect(await shelf.check()).toEqual([]);
    console.log(`${round} times full, ${pauses()} times in a commit; ${shelf.counts()}; 0 lost`);
  },
);

test.skipIf(obstacle !== undefined)(
  "a start on a disk without a byte left is refused in words, and one on a disk with some is not",
  async () => {
    shelf = new Shelf(bucket);
    const mounted = await mountTmpfs("size=24m");
    const running = await start(mounted);
    for (let index = 0; index < 50; index += 1) await shelf.put(`k${index}`, mixed(index));
    await running.kill();
    const giveBack = mounted.takeAll();
    await expect(start(mounted)).rejects.toThrow("is on a disk that is full");
    giveBack();
    await start(mounted);
    expect(await shelf.check()).toEqual([]);
  },
);
