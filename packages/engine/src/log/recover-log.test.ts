import { beforeEach, expect, test } from "vitest";
import { Volume } from "../disk/volume.ts";
import type { Change } from "../index/ordered-store.ts";
import { seeded } from "../simulation/seeded.ts";
import { SimDisk } from "../simulation/sim-disk.ts";
import { CommitLog } from "./commit-log.ts";
import { frameHeaderBytes } from "./frame.ts";
import { logFileName, logHeaderBytes } from "./log-file.ts";
import { recoverLog } from "./recover-log.ts";

const directory = "/log";
const path = `${directory}/${logFileName(1)}`;

let disk: SimDisk;
let volume: Volume;
let chance = seeded(1);

const random = (bytes: number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, () => Math.floor(chance() * 256)));

const change = (name: string, value: string | undefined): Change => ({
  key: Buffer.from(name),
  value: value === undefined ? undefined : Buffer.from(value),
});

const commits: readonly (readonly Change[])[] = [
  [change("a", "1"), change("b", "")],
  [change("a", undefined)],
  [change("c", "x".repeat(100))],
];

const start = (number: number, nextSequence: number): Promise<CommitLog> =>
  CommitLog.start({ directory, volume, random, number, nextSequence, older: [] });

const recovered = async (from = disk) => {
  const changes: (readonly Change[])[] = [];
  const report = await recoverLog(new Volume(from), directory, async (frames) => {
    changes.push(...frames.map((frame) => frame.changes));
  });
  return { report, changes };
};

const bytesOf = (file: string): Buffer => {
  let found: Buffer = Buffer.alloc(0);
  disk.tamper(file, (bytes) => (found = bytes));
  return found;
};

beforeEach(async () => {
  chance = seeded(1);
  disk = new SimDisk();
  await disk.mkdir(directory);
  await disk.syncDirectory("");
  volume = new Volume(disk);
  const log = await start(1, 5);
  for (const commit of commits) await log.append(commit);
  await log.close();
});

test("every commit comes back in order", async () => {
  const { report, changes } = await recovered();
  expect(changes).toEqual(commits);
  expect(report).toEqual({ files: [1], frames: 3, cutBytes: 0, nextSequence: 8 });
});

test("a last commit that is torn at any byte is cut, and all before it are kept", async () => {
  const whole = bytesOf(path);
  const last = whole.length - frameHeaderBytes - 8 - 1 - 100;
  for (let length = last; length < whole.length; length += 1) {
    disk.tamper(path, () => whole.subarray(0, length));
    const { report, changes } = await recovered();
    expect(changes).toEqual(commits.slice(0, 2));
    expect(report).toMatchObject({ frames: 2, cutBytes: length - last, nextSequence: 7 });
    expect(bytesOf(path).length).toBe(last);
    expect((await recovered()).report.cutBytes).toBe(0);
  }
});

test("a last commit of which any one byte is wrong is cut", async () => {
  const whole = bytesOf(path);
  for (let at = whole.length - 137; at < whole.length; at += 1) {
    disk.tamper(path, () => flipped(whole, at));
    expect((await recovered()).changes).toEqual(commits.slice(0, 2));
  }
});

test("a damaged byte that a whole commit follows is refused, and nothing is changed", async () => {
  const whole = bytesOf(path);
  for (let at = 0; at < whole.length - 137; at += 1) {
    const damaged = flipped(whole, at);
    disk.tamper(path, () => damaged);
    await expect(recovered()).rejects.toMatchObject({ code: "LOG_DAMAGED" });
    expect(bytesOf(path).equals(damaged)).toBe(true);
  }
});

test("a log file that is older than another may not end early", async () => {
  const next = await start(2, 8);
  await next.append([change("d", "4")]);
  await next.close();
  expect((await recovered()).changes).toHaveLength(4);
  const whole = bytesOf(path);
  disk.tamper(path, () => whole.subarray(0, whole.length - 1));
  await expect(recovered()).rejects.toMatchObject({ code: "LOG_DAMAGED" });
  disk.tamper(path, () => whole);
  await disk.unlink(path);
  const other = await start(1, 5);
  await other.close();
  await expect(recovered()).rejects.toMatchObject({ code: "LOG_DAMAGED" });
});

test("a file whose making was cut short is taken away, and the commits before it are kept", async () => {
  const next = await start(2, 8);
  await next.close();
  const second = `${directory}/${logFileName(2)}`;
  const header = bytesOf(second);
  for (let length = 0; length < logHeaderBytes; length += 1) {
    if (length > 0) {
      const again = await disk.open(second, "create");
      await again.close();
    }
    disk.tamper(second, () => header.subarray(0, length));
    const { report, changes } = await recovered();
    expect(changes).toEqual(commits);
    expect(report.files).toEqual([1]);
  }
});

test("a value that holds a copy of a commit of another log is not taken for one", async () => {
  const copy = bytesOf(path);
  await disk.unlink(path);
  const log = await start(1, 5);
  await log.append([{ key: Buffer.from("k"), value: copy }]);
  await log.close();
  const whole = bytesOf(path);
  disk.tamper(path, () => whole.subarray(0, whole.length - 1));
  expect((await recovered()).report).toMatchObject({ frames: 0, nextSequence: 5 });
});

const flipped = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 0x10;
  return changed;
};
