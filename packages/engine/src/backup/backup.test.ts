import { once as onceEvent } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Fs } from "../disk/fs.ts";
import { nodeFs } from "../disk/node-fs.ts";
import { fsck } from "../fsck/fsck.ts";
import { openEngine, type OpenEngine } from "../open-engine.ts";
import { seeded } from "../simulation/seeded.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? 3);
const chance = seeded(seed);

let folder: string;
let directory: string;
let to: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-backup-"));
  directory = join(folder, "data");
  to = join(folder, "copy");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const metadata = { system: {}, user: {} };

const put = (engine: OpenEngine, key: string, bytes: Buffer) =>
  engine.putObject({
    bucket: "b",
    key,
    body: once(bytes),
    size: bytes.length,
    metadata,
    checksumAlgorithm: "CRC32C",
  });

const read = async (engine: OpenEngine, key: string): Promise<Buffer> => {
  const object = await engine.openObject("b", key);
  const pieces: Buffer[] = [];
  try {
    for await (const piece of object.read()) pieces.push(Buffer.from(piece));
  } finally {
    await object.close();
  }
  return Buffer.concat(pieces);
};

const listed = async (engine: OpenEngine): Promise<readonly string[]> => {
  const list = { bucket: "b", prefix: "", delimiter: "", after: "", limit: 10_000 };
  const { entries } = await engine.listObjects(list);
  return entries.flatMap((entry) => (entry.type === "object" ? [entry.object.key] : []));
};

const sizes = [0, 100, 5000, 20_000, 150_000, 1_200_000];

/** Bytes that say which write they are of; the size follows from that too. */
const bytesOf = (key: string, version: number): Buffer =>
  Buffer.alloc(sizes[(version * 7 + key.length) % sizes.length] ?? 0, `<${key} ${version}>`);

/** What a key may hold in the copy: from the last write acknowledged before it was asked for, on. */
interface History {
  /** Negative when it is a delete. */
  acknowledged: number;
  issued: number;
}

test("a copy made under eight writers has every write acknowledged before it, with its bytes, and nothing torn", async () => {
  const engine = await openEngine({ directory });
  await engine.createBucket("b");
  const histories = new Map<string, History>();
  const over = new AbortController();
  const write = async (key: string): Promise<void> => {
    const history = histories.get(key) ?? { acknowledged: -1, issued: -1 };
    histories.set(key, history);
    history.issued += 1;
    const version = history.issued;
    const bytes = bytesOf(key, version);
    if (version % 5 === 4) await engine.deleteObject({ bucket: "b", key });
    else if (version % 5 === 3) {
      const ref = await engine.createUpload({ bucket: "b", key, metadata });
      const part = await engine.putPart({
        ...ref,
        partNumber: 1,
        body: once(bytes),
        size: undefined,
      });
      await engine.completeUpload({ ...ref, parts: [{ partNumber: 1, etag: part.etag }] });
    } else await put(engine, key, bytes);
    history.acknowledged = version;
  };
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    while (!over.signal.aborted) await write(`${writer}/${Math.floor(chance() * 12)}`);
  });
  let [checked, present] = [0, 0];
  for (let round = 0; round < 8; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = new Map([...histories].map(([key, { acknowledged }]) => [key, acknowledged]));
    const report = await engine.backup({ to });
    const after = new Map([...histories].map(([key, { issued }]) => [key, issued]));
    expect(report).toMatchObject({ damaged: 0, findings: [] });
    expect(await fsck({ directory: to })).toMatchObject({
      opens: true,
      recovery: { replayedCommits: 0, cutBytes: 0, orphanedBlobs: 0, deletedBlobs: 0 },
      scrub: { damaged: 0 },
    });
    const copy = await openEngine({ directory: to });
    const keys = new Set(await listed(copy));
    for (const [key, acknowledged] of before) {
      const versions = Array.from(
        { length: (after.get(key) ?? 0) - acknowledged + 1 },
        (_, at) => acknowledged + at,
      );
      const found = keys.has(key) ? await read(copy, key) : undefined;
      const fits = versions.some((version) =>
        found === undefined
          ? version % 5 === 4 || version === -1
          : version >= 0 && version % 5 !== 4 && found.equals(bytesOf(key, version)),
      );
      expect({ key, acknowledged, versions, fits }).toMatchObject({ fits: true });
      checked += 1;
      if (found !== undefined) present += 1;
    }
    // The copy is a directory like any other.
    await put(copy, "new", bytesOf("new", 1));
    expect((await read(copy, "new")).equals(bytesOf("new", 1))).toBe(true);
    await copy.close();
    rmSync(to, { recursive: true });
  }
  over.abort();
  await Promise.all(writers);
  expect(await engine.scrub()).toMatchObject({ damaged: 0 });
  await engine.close();
  console.log(`8 copies under 8 writers: ${checked} keys looked at, ${present} present, 0 wrong`);
  expect(present).toBeGreaterThan(200);
});

test("what is deleted while a copy is made stays until the copy is whole, and is gone afterwards", async () => {
  const begun = new AbortController();
  const deleted = new AbortController();
  const open: Fs["open"] = async (path, mode) => {
    if (path.includes(".partial/blobs/")) {
      begun.abort();
      if (!deleted.signal.aborted) await onceEvent(deleted.signal, "abort");
    }
    return nodeFs.open(path, mode);
  };
  const engine = await openEngine({ directory, fs: { ...nodeFs, open } });
  await engine.createBucket("b");
  for (let number = 0; number < 20; number += 1) {
    await put(engine, `k${number}`, Buffer.alloc(100_000, number));
  }
  const blobs = (root: string): number =>
    readdirSync(join(root, "blobs/0000000001")).filter((name) => name.length === 13).length;
  const firstBlob = onceEvent(begun.signal, "abort");
  const copying = engine.backup({ to });
  await firstBlob;
  for (let number = 0; number < 20; number += 1) {
    await engine.deleteObject({ bucket: "b", key: `k${number}` });
  }
  expect(blobs(directory)).toBe(20);
  deleted.abort();
  expect(await copying).toMatchObject({ blobs: 20, damaged: 0 });
  await engine.close();
  expect(blobs(directory)).toBe(0);
  expect(blobs(to)).toBe(20);
  const copy = await openEngine({ directory: to });
  expect((await read(copy, "k7")).equals(Buffer.alloc(100_000, 7))).toBe(true);
  await copy.close();
});

/** A disk on which the call of that number to the copy fails. */
const failingAt = (fails: number, counted: { calls: number }): Fs => {
  const count = async (path: string): Promise<void> => {
    if (!path.includes(".partial") && !path.startsWith(to)) return;
    counted.calls += 1;
    if (counted.calls === fails) throw Object.assign(new Error("EIO"), { code: "EIO" });
  };
  return {
    async open(path, mode) {
      await count(path);
      const file = await nodeFs.open(path, mode);
      return {
        ...file,
        write: (bytes, position) => count(path).then(() => file.write(bytes, position)),
        datasync: () => count(path).then(() => file.datasync()),
      };
    },
    unlink: (path) => nodeFs.unlink(path),
    rename: (from, target) => count(target).then(() => nodeFs.rename(from, target)),
    mkdir: (path) => count(path).then(() => nodeFs.mkdir(path)),
    readdir: (path) => nodeFs.readdir(path),
    space: (path) => nodeFs.space(path),
    syncDirectory: (path) => count(path).then(() => nodeFs.syncDirectory(path)),
  };
};

test("whatever call to the copy's disk fails, there is no copy, and the original goes on", async () => {
  let failures = 0;
  for (let fails = 1; ; fails += 1) {
    const counted = { calls: 0 };
    const engine = await openEngine({ directory, fs: failingAt(fails, counted) });
    if (fails === 1) {
      await engine.createBucket("b");
      await put(engine, "large", Buffer.alloc(1_200_000, 1));
      await put(engine, "small", Buffer.alloc(10, 2));
    }
    const failed = await engine.backup({ to }).then(
      () => false,
      () => true,
    );
    expect(engine.health()).toMatchObject({ writable: true });
    await put(engine, "after", Buffer.alloc(20_000, 3));
    await engine.close();
    if (!failed) break;
    failures += 1;
    expect(readdirSync(folder)).toEqual(["data"]);
  }
  console.log(`${failures} calls failed in turn: 0 copies left`);
  expect(failures).toBeGreaterThan(20);
  expect(readdirSync(folder)).toEqual(["copy", "data"]);
});

test("a copy that was cut short is no data directory", async () => {
  const engine = await openEngine({ directory });
  await engine.createBucket("b");
  await put(engine, "k", Buffer.alloc(2_000_000, 1));
  const abort = new AbortController();
  const copying = engine.backup({ to, bytesPerSecond: 20_000, signal: abort.signal });
  await expect
    .poll(() => readdirSync(folder).find((name) => name.endsWith(".partial")))
    .toBeDefined();
  const partial = readdirSync(folder).find((name) => name.endsWith(".partial")) ?? "";
  await expect.poll(() => existsSync(join(folder, partial, "blobs"))).toBe(true);
  await expect(openEngine({ directory: join(folder, partial) })).rejects.toMatchObject({
    code: "UNKNOWN_FORMAT",
  });
  abort.abort(new Error("enough"));
  await expect(copying).rejects.toThrow("enough");
  expect(readdirSync(folder)).toEqual(["data"]);
  await engine.close();
});

test("files that lie alongside are taken along, and a target that exists or lies within is refused", async () => {
  const engine = await openEngine({ directory });
  writeFileSync(join(directory, "key.json"), "{}", { mode: 0o600 });
  await engine.backup({ to, alongside: ["key.json", "none.json"] });
  expect(readFileSync(join(to, "key.json"), "utf8")).toBe("{}");
  expect(readdirSync(to).toSorted()).toEqual(["FORMAT", "blobs", "index", "key.json", "log"]);
  await expect(engine.backup({ to })).rejects.toMatchObject({ reason: "backup_target_exists" });
  symlinkSync(directory, join(folder, "link"));
  for (const name of ["data/x", "data/blobs/x", "link/x"]) {
    await expect(engine.backup({ to: join(folder, name) })).rejects.toMatchObject({
      reason: "backup_inside_data",
    });
  }
  await engine.close();
});

test("a damaged blob is copied as it is and told, and all else is copied", async () => {
  const engine = await openEngine({ directory });
  await engine.createBucket("b");
  await put(engine, "rotten", Buffer.alloc(100_000, 1));
  await put(engine, "sound", Buffer.alloc(100_000, 2));
  const root = join(directory, "blobs/0000000001");
  const path = join(root, readdirSync(root).toSorted()[0] ?? "");
  const bytes = readFileSync(path);
  bytes[70_000] = 9;
  writeFileSync(path, bytes);
  expect(await engine.backup({ to })).toMatchObject({
    damaged: 1,
    findings: [{ kind: "damaged-blob", owners: [{ bucket: "b", key: "rotten" }] }],
  });
  await engine.close();
  const copy = await openEngine({ directory: to });
  expect((await read(copy, "sound")).equals(Buffer.alloc(100_000, 2))).toBe(true);
  await expect(read(copy, "rotten")).rejects.toMatchObject({ reason: "corrupt_block" });
  await copy.close();
});

test("a blob that the disk does not give is told and left out, and all else is copied", async () => {
  const bad = new Map<string, string>();
  const failing: Fs = {
    ...nodeFs,
    async open(path, mode) {
      const file = await nodeFs.open(path, mode);
      const code = path.startsWith(directory) ? bad.get(path.slice(-1)) : undefined;
      const readOrFail: typeof file.read = (into, position) =>
        code === undefined
          ? file.read(into, position)
          : Promise.reject(Object.assign(new Error(code), { code }));
      return { ...file, read: readOrFail };
    },
  };
  const engine = await openEngine({ directory, fs: failing });
  await engine.createBucket("b");
  for (const key of ["0", "1", "2"]) await put(engine, key, Buffer.alloc(100_000, key));
  rmSync(join(directory, "blobs/0000000001/0000000001000"));
  bad.set("1", "EIO");
  expect(await engine.backup({ to })).toMatchObject({
    blobs: 1,
    damaged: 2,
    findings: [
      { kind: "missing-blob", owners: [{ bucket: "b", key: "0" }] },
      { kind: "unreadable-blob", owners: [{ bucket: "b", key: "1" }] },
    ],
  });
  await engine.close();
  const copy = await openEngine({ directory: to });
  expect((await read(copy, "2")).equals(Buffer.alloc(100_000, "2"))).toBe(true);
  expect(await copy.scrub()).toMatchObject({ damaged: 2 });
  await copy.close();
});
