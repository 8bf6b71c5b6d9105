import { beforeEach, expect, test } from "vitest";
import type { Fs } from "../disk/fs.ts";
import { Volume } from "../disk/volume.ts";
import type { Change } from "../index/ordered-store.ts";
import { seeded } from "../simulation/seeded.ts";
import { SimDisk } from "../simulation/sim-disk.ts";
import { CommitLog, type LogStart } from "./commit-log.ts";
import { frameHeaderBytes } from "./frame.ts";
import { logFileName, logHeaderBytes } from "./log-file.ts";
import { recoverLog } from "./recover-log.ts";

const directory = "/log";
/** Enough for the first commits and too little for the last, which is followed by zeros of its own. */
const aheadBytes = 160;
/** The last commit. */
const lastBytes = frameHeaderBytes + 8 + 1 + 100;
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

const place = (): Omit<LogStart, "number" | "nextSequence"> => ({
  directory,
  volume,
  random,
  older: [],
  aheadBytes,
});

const start = (number: number, nextSequence: number): Promise<CommitLog> =>
  CommitLog.start({ ...place(), number, nextSequence });

const recovered = async (from = disk) => {
  const changes: (readonly Change[])[] = [];
  const report = await recoverLog(new Volume(from), directory, async (frames) => {
    changes.push(...frames.map((frame) => frame.changes));
  });
  return { report, changes };
};

const writtenLength = (bytes: Buffer): number => {
  let end = bytes.length;
  while (bytes[end - 1] === 0) end -= 1;
  return end;
};

/** The bytes of a file up to the last that is not zero, which ends every commit here. */
const writtenOf = (file: string): Buffer => {
  const bytes = bytesOf(file);
  return bytes.subarray(0, writtenLength(bytes));
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
  const whole = writtenOf(path);
  const last = whole.length - lastBytes;
  for (let length = last; length < whole.length; length += 1) {
    disk.tamper(path, () => whole.subarray(0, length));
    const { report, changes } = await recovered();
    expect(changes).toEqual(commits.slice(0, 2));
    expect(report).toMatchObject({ frames: 2, nextSequence: 7 });
    expect(report.cutBytes).toBe(writtenLength(whole.subarray(last, length)));
    expect(writtenOf(path).length).toBeLessThanOrEqual(last);
    expect((await recovered()).report.cutBytes).toBe(0);
  }
});

test("a last commit of which any run of bytes is still the zeros before it is cut", async () => {
  const whole = bytesOf(path);
  const last = writtenOf(path).length - lastBytes;
  for (let from = last; from < last + lastBytes; from += 1) {
    for (const to of [from + 1, from + 7, last + lastBytes]) {
      const torn = Buffer.from(whole).fill(0, from, Math.min(to, last + lastBytes));
      if (torn.equals(whole)) continue;
      disk.tamper(path, () => torn);
      const { report, changes } = await recovered();
      expect(changes).toEqual(commits.slice(0, 2));
      expect(report.cutBytes).toBe(writtenLength(torn.subarray(last)));
      expect((await recovered()).report.cutBytes).toBe(0);
    }
  }
});

test("a last commit of which any one byte is wrong is cut", async () => {
  const whole = bytesOf(path);
  const end = writtenOf(path).length;
  for (let at = end - lastBytes; at < end; at += 1) {
    disk.tamper(path, () => flipped(whole, at));
    const { report, changes } = await recovered();
    expect(changes).toEqual(commits.slice(0, 2));
    expect(report.cutBytes).toBe(lastBytes);
  }
});

test("a damaged byte that a whole commit follows is refused, and nothing is changed", async () => {
  const whole = bytesOf(path);
  const last = writtenOf(path).length - lastBytes;
  for (let at = 0; at < last; at += 1) {
    const zeroed = Buffer.from(whole).fill(0, at, Math.min(at + 40, last));
    for (const damaged of [flipped(whole, at), zeroed]) {
      if (damaged.equals(whole)) continue;
      disk.tamper(path, () => damaged);
      await expect(recovered()).rejects.toMatchObject({ code: "LOG_DAMAGED" });
      expect(bytesOf(path).equals(damaged)).toBe(true);
    }
  }
});

test("zeros behind the last commit, however many, are not taken for a torn one", async () => {
  const whole = writtenOf(path);
  for (const zeros of [0, 1, 100, 4095, 4096, 4097, 20_000]) {
    disk.tamper(path, () => Buffer.concat([whole, Buffer.alloc(zeros)]));
    expect(await recovered()).toMatchObject({ report: { cutBytes: 0 }, changes: commits });
    expect(bytesOf(path).length).toBe(whole.length + zeros);
  }
});

test("commits overwrite zeros, and a sync has a new length to write down only now and then", async () => {
  const lengths = new Set<number>();
  const log = await CommitLog.start({ ...place(), number: 2, nextSequence: 8, aheadBytes: 4000 });
  for (let commit = 0; commit < 100; commit += 1) {
    await log.append([change("k", "v".repeat(50))]);
    lengths.add(bytesOf(`${directory}/${logFileName(2)}`).length);
  }
  await log.close();
  expect(lengths.size).toBe(3);
});

test("a disk without room for zeros takes commits, and they are all there", async () => {
  const full = new Volume(withoutRoomForZeros(disk));
  const log = await CommitLog.start({ ...place(), volume: full, number: 2, nextSequence: 8 });
  for (const commit of commits) await log.append(commit);
  await log.close();
  expect((await recovered()).changes).toEqual([...commits, ...commits]);
});

test("a log file that is older than another may not end early", async () => {
  const next = await start(2, 8);
  await next.append([change("d", "4")]);
  await next.close();
  expect((await recovered()).changes).toHaveLength(4);
  const whole = bytesOf(path);
  const end = writtenOf(path).length;
  for (const early of [whole.subarray(0, end - 1), Buffer.from(whole).fill(0, end - lastBytes)]) {
    disk.tamper(path, () => early);
    await expect(recovered()).rejects.toMatchObject({ code: "LOG_DAMAGED" });
  }
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
    const zeros = Buffer.alloc(length % 2 === 0 ? 0 : 9000);
    disk.tamper(second, () => Buffer.concat([header.subarray(0, length), zeros]));
    const { report, changes } = await recovered();
    expect(changes).toEqual(commits);
    expect(report.files).toEqual([1]);
  }
});

test("a value that holds a copy of a commit of another log is not taken for one", async () => {
  const copy = writtenOf(path);
  await disk.unlink(path);
  const log = await start(1, 5);
  await log.append([{ key: Buffer.from("k"), value: copy }]);
  await log.close();
  const whole = writtenOf(path);
  disk.tamper(path, () => whole.subarray(0, whole.length - 1));
  expect((await recovered()).report).toMatchObject({ frames: 0, nextSequence: 5 });
});

const flipped = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 0x10;
  return changed;
};

const withoutRoomForZeros = (below: Fs): Fs => ({
  open: async (file, mode) => {
    const opened = await below.open(file, mode);
    return {
      ...opened,
      write: async (bytes, position) => {
        if (writtenLength(bytes) > 0) return opened.write(bytes, position);
        throw Object.assign(new Error("full"), { code: "ENOSPC" });
      },
    };
  },
  unlink: (file) => below.unlink(file),
  rename: (from, to) => below.rename(from, to),
  mkdir: (file) => below.mkdir(file),
  readdir: (file) => below.readdir(file),
  syncDirectory: (file) => below.syncDirectory(file),
  space: (file) => below.space(file),
});
