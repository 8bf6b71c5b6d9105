import { expect, test } from "vitest";
import type { Fs, FsFile } from "../disk/fs.ts";
import { crashRun, type CrashRun } from "./crash-run.ts";
import type { SimDisk } from "./sim-disk.ts";

interface Total {
  acknowledged: number;
  calls: number;
  readonly violations: string[];
}

const run = async (seeds: number, between?: CrashRun["between"]): Promise<Total> => {
  const total: Total = { acknowledged: 0, calls: 0, violations: [] };
  for (let seed = 1; seed <= seeds; seed += 1) {
    const outcome = await crashRun({ seed, ...(between === undefined ? {} : { between }) });
    total.acknowledged += outcome.acknowledged;
    total.calls += outcome.calls;
    total.violations.push(...outcome.violations.map((violation) => `seed ${seed}: ${violation}`));
  }
  return total;
};

test("whatever a power cut leaves, every acknowledged write is there and nothing is left over", async () => {
  const seeds = 150;
  const { violations, acknowledged, calls } = await run(seeds);
  console.log(`${seeds * 3} power cuts, ${acknowledged} acknowledged, ${calls} calls`);
  expect(violations).toEqual([]);
  expect(acknowledged).toBeGreaterThan(seeds);
}, 60_000);

const passing = (disk: SimDisk): Fs => ({
  open: (path, mode) => disk.open(path, mode),
  unlink: (path) => disk.unlink(path),
  rename: (from, to) => disk.rename(from, to),
  mkdir: (path) => disk.mkdir(path),
  readdir: (path) => disk.readdir(path),
  syncDirectory: (path) => disk.syncDirectory(path),
});

const withFiles =
  (part: string, change: (file: FsFile) => Partial<FsFile>) =>
  (disk: SimDisk): Fs => ({
    ...passing(disk),
    async open(path, mode) {
      const file = await disk.open(path, mode);
      return path.includes(part) ? { ...file, ...change(file) } : file;
    },
  });

const withoutDirectorySync =
  (matches: RegExp) =>
  (disk: SimDisk): Fs => ({
    ...passing(disk),
    syncDirectory: async (path) => (matches.test(path) ? undefined : disk.syncDirectory(path)),
  });

const nothing = async (): Promise<void> => undefined;

test.each<readonly [string, (disk: SimDisk) => Fs]>([
  ["syncs no directory", withoutDirectorySync(/./)],
  ["syncs no directory of blobs", withoutDirectorySync(/blobs\/./)],
  ["does not sync the parent of the blobs' directories", withoutDirectorySync(/blobs$/)],
  ["does not sync the log's directory", withoutDirectorySync(/log$/)],
  ["does not sync blobs", withFiles("/blobs/", () => ({ datasync: nothing }))],
  ["does not sync the log", withFiles("/log/", () => ({ datasync: nothing }))],
  [
    "acknowledges before the log's sync has ended",
    withFiles("/log/", (file) => ({
      datasync: async () => {
        setImmediate(() => void file.datasync().catch(() => undefined));
      },
    })),
  ],
  [
    "says that it wrote what it did not",
    withFiles("/blobs/", (file) => ({
      write: async (bytes, position) => {
        await file.write(bytes.subarray(0, 4096), position);
        return bytes.length;
      },
    })),
  ],
])(
  "a disk that %s is found out",
  async (_, between) => {
    const { violations } = await run(40, between);
    expect(violations.length).toBeGreaterThan(0);
  },
  60_000,
);
