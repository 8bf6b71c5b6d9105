import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEngine, type OpenEngine } from "../open-engine.ts";
import { fsck } from "./fsck.ts";
import { holdLock } from "./scratch-copy.ts";

let folder: string;
let directory: string;
let scratch: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-fsck-test-"));
  directory = join(folder, "data");
  scratch = join(folder, "scratch");
  mkdirSync(scratch);
});
afterEach(() => rmSync(folder, { recursive: true }));

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

/** Every file with its time of change and a hash of its bytes. */
const fingerprint = (root: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: "utf8" })
      .toSorted()
      .map((name) => {
        const path = join(root, name);
        const { mtimeMs, size, ino } = statSync(path);
        const bytes = statSync(path).isFile() ? readFileSync(path) : "";
        return [
          name,
          `${ino} ${size} ${mtimeMs} ${createHash("sha1").update(bytes).digest("hex")}`,
        ];
      }),
  );

/** A directory as a kill leaves it: what the engine had not yet written down, it had only in the log. */
const killed = async (): Promise<void> => {
  const live = join(folder, "live");
  const engine = await openEngine({ directory: live });
  await engine.createBucket("b");
  for (let number = 0; number < 30; number += 1) {
    await put(engine, `key ${number}`, number % 3 === 0 ? 100_000 : number * 50);
  }
  cpSync(live, directory, { recursive: true });
  await engine.close();
};

const logPath = (): string => {
  const log = join(directory, "log");
  return join(log, readdirSync(log).toSorted().at(-1) ?? "");
};

const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
};

/** What fsck says, having changed nothing and left nothing. */
const look = async (): ReturnType<typeof fsck> => {
  const before = fingerprint(directory);
  try {
    return await fsck({ directory, scratch });
  } finally {
    expect(fingerprint(directory)).toEqual(before);
    expect(readdirSync(scratch)).toEqual([]);
  }
};

test("it says of a killed engine's directory what the next start then does, and changes nothing", async () => {
  await killed();
  writeFileSync(join(directory, "blobs/0000000001/0000000001fff"), "an orphan");
  const report = await look();
  expect(report).toMatchObject({ opens: true, scrub: { damaged: 0 } });
  const engine = await openEngine({ directory });
  expect(report.opens && report.recovery).toEqual(engine.recovered);
  expect(engine.recovered).toMatchObject({ orphanedBlobs: 1 });
  expect(engine.recovered.replayedCommits).toBeGreaterThan(0);
  await engine.close();
  expect(await look()).toMatchObject({ opens: true, recovery: { orphanedBlobs: 0, cutBytes: 0 } });
});

test("a damaged blob and a missing one are named, and left where they are", async () => {
  await killed();
  const root = join(directory, "blobs/0000000001");
  const [first = "", second = ""] = readdirSync(root).toSorted();
  flip(join(root, first), 70_000);
  rmSync(join(root, second));
  const report = await look();
  expect(report).toMatchObject({
    opens: true,
    scrub: {
      damaged: 2,
      findings: [
        { kind: "damaged-blob", owners: [{ bucket: "b", key: "key 0" }] },
        { kind: "missing-blob", owners: [{ bucket: "b", key: "key 3" }] },
      ],
    },
  });
});

test("of a damaged log it says where, and which acknowledged commits are behind it", async () => {
  await killed();
  const path = logPath();
  const middle = readFileSync(path).indexOf("key 20");
  flip(path, middle);
  const report = await look();
  expect(report).toMatchObject({ opens: false, code: "LOG_DAMAGED", index: [] });
  if (report.opens || report.log === undefined) throw new Error("no damage found");
  expect(report.message).toContain(path);
  expect(report.log.offset).toBeLessThan(middle);
  expect(report.log.commitsBehind).toBeGreaterThan(5);
  expect(report.log.recordsBehind).toContain('object "b/key 25"');
  expect(report.log.recordsBehind).not.toContain('object "b/key 19"');
  await expect(openEngine({ directory })).rejects.toMatchObject({ code: "LOG_DAMAGED" });
});

test("of a damaged index it says between which records the damage lies", async () => {
  await killed();
  const engine = await openEngine({ directory });
  await engine.close();
  const index = join(directory, "index");
  for (const name of readdirSync(index).filter((file) => file.endsWith(".ldb"))) {
    flip(join(index, name), 100);
  }
  const report = await look();
  expect(report).toMatchObject({ opens: false, code: "INDEX_DAMAGED" });
  expect(!report.opens && report.index[0]).toMatchObject({
    kind: "damaged-index",
    to: expect.stringMatching(/^(payload|object|setting|blob|bucket|record)/),
  });
  await expect(openEngine({ directory })).rejects.toMatchObject({ code: "INDEX_DAMAGED" });
});

test("what is no data directory is refused, and stays as it is", async () => {
  await expect(fsck({ directory, scratch })).rejects.toMatchObject({ code: "DISK_FAILED" });
  mkdirSync(directory);
  await expect(look()).rejects.toMatchObject({ code: "NO_DATA" });
  writeFileSync(join(directory, "letter.txt"), "not ours");
  await expect(look()).rejects.toMatchObject({ code: "NO_DATA" });
  writeFileSync(join(directory, "FORMAT"), "holdfast 999 00112233445566778899aabbccddeeff\n");
  await expect(look()).rejects.toMatchObject({ code: "UNKNOWN_FORMAT" });
});

/** Makes the directory read-only, as another mount of it; what it returns undoes that. */
const readOnly = (): (() => void) | undefined => {
  const mount = (...options: readonly string[]): number | null =>
    spawnSync("/usr/bin/mount", [...options, directory]).status;
  const undo = (): void => void spawnSync("/usr/bin/umount", [directory]);
  if (mount("--bind", directory) !== 0) return undefined;
  if (mount("-o", "remount,bind,ro") === 0) return undo;
  undo();
};

test("a directory that cannot be written is looked at all the same", async ({ skip }) => {
  await killed();
  const undo = readOnly();
  if (undo === undefined) return skip("this needs the right to mount");
  try {
    expect(() => writeFileSync(join(directory, "new"), "")).toThrow(/EROFS/);
    expect(await look()).toMatchObject({ opens: true, scrub: { damaged: 0 } });
  } finally {
    undo();
  }
});

test("a directory that is written elsewhere while it is looked at is said to be in use", async ({
  skip,
}) => {
  await killed();
  const log = logPath();
  const undo = readOnly();
  if (undo === undefined) return skip("this needs the right to mount");
  try {
    const hold = await holdLock(directory, scratch);
    rmSync(join(scratch, "lock"), { recursive: true });
    await hold.assertAlone();
    undo();
    writeFileSync(log, readFileSync(log));
    await expect(hold.assertAlone()).rejects.toMatchObject({ code: "DIRECTORY_IN_USE" });
    await hold.close();
  } finally {
    undo();
  }
});
