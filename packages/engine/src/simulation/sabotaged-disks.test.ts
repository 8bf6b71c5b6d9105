import { afterEach, expect, test, vi } from "vitest";
import { blobPath } from "../blobs/blob-path.ts";
import { Transaction } from "../commit/transaction.ts";
import type { Fs, FsFile } from "../disk/fs.ts";
import { errnoOf } from "../disk/disk-error.ts";
import { EngineOpenError } from "../engine-open-error.ts";
import { nextDirectoryKey } from "../recovery.ts";
import type { OrderedStore } from "../index/ordered-store.ts";
import { changedDisk, changedFiles, hunt, type Sabotaged } from "./sabotage.ts";
import type { DiskCall, SimDisk } from "./sim-disk.ts";
import { directory } from "./simulated-engine.ts";

const blobs = /\/blobs\//;
const log = /\/log\//;
/** A mistake of the test's own, which is no violation. */
const accidents = /TypeError|RangeError|ReferenceError/;
const leaveBlobs = (): Sabotaged => {
  vi.spyOn(Transaction.prototype, "release").mockReturnValue(undefined);
  return {};
};

const nothing = async (): Promise<void> => undefined;
const everyThird = (): (() => boolean) => {
  let count = 0;
  return () => (count += 1) % 3 === 0;
};

const withoutDirectorySync =
  (matching: RegExp) =>
  (disk: SimDisk): Fs =>
    changedDisk(disk, {
      syncDirectory: async (path) => (matching.test(path) ? undefined : disk.syncDirectory(path)),
    });

/** Answers at once, and syncs some turns later. */
const syncLater = (file: FsFile): Partial<FsFile> => ({
  async datasync() {
    const later = async (): Promise<void> => {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      await file.datasync();
    };
    later().catch(() => undefined);
  },
});

/** Syncs the format's bytes only after its name is there. */
const renameBeforeSync = (disk: SimDisk): Fs => {
  let synced: (() => Promise<void>) | undefined;
  return changedDisk(disk, {
    async open(path, mode) {
      const file = await disk.open(path, mode);
      if (!path.endsWith(".new")) return file;
      synced = () => file.datasync();
      return { ...file, datasync: nothing };
    },
    async rename(from, to) {
      await disk.rename(from, to);
      await synced?.();
    },
  });
};

/** Syncs blobs only after the commit that names them. */
const commitBeforeBlobs = (disk: SimDisk): Fs => {
  const waiting: (() => Promise<void>)[] = [];
  return changedDisk(disk, {
    async open(path, mode) {
      const file = await disk.open(path, mode);
      if (blobs.test(path))
        return { ...file, datasync: async () => void waiting.push(() => file.datasync()) };
      if (!log.test(path)) return file;
      return {
        ...file,
        async datasync() {
          await file.datasync();
          for (const sync of waiting.splice(0)) await sync();
        },
      };
    },
  });
};

/** Recovery goes on from what it read of the log without bringing that to stable storage. */
const believeTheCache = (disk: SimDisk): Fs =>
  changedDisk(disk, {
    async open(path, mode) {
      const file = await disk.open(path, mode);
      if (mode !== "modify" || !log.test(path)) return file;
      return { ...file, write: async (bytes) => bytes.length, datasync: nothing };
    },
  });

/** A number is not reserved, and a name that is taken is taken over. */
const withoutReservation = (store: OrderedStore): OrderedStore => ({
  ...store,
  get: (key) => (key.equals(nextDirectoryKey) ? undefined : store.get(key)),
});
const overTakenNames = (disk: SimDisk): Fs =>
  changedDisk(disk, {
    open: (path, mode) =>
      disk.open(path, mode).catch(async (error: unknown) => {
        if (mode !== "create" || errnoOf(error) !== "EEXIST") throw error;
        const file = await disk.open(path, "modify");
        await file.truncate(0);
        return file;
      }),
  });

/** Unlinks what a commit lets go of before the commit is written. */
const unlinkBeforeCommit = (): Sabotaged => {
  let disk: SimDisk | undefined;
  const release = Object.getOwnPropertyDescriptor(Transaction.prototype, "release")?.value;
  vi.spyOn(Transaction.prototype, "release").mockImplementation(function (this: Transaction, blob) {
    release.call(this, blob);
    if (!this.freed.includes(blob)) return;
    disk?.unlink(blobPath(`${directory}/blobs`, blob)).catch(() => undefined);
  });
  return { between: (next) => (disk = next) };
};

afterEach(() => {
  vi.restoreAllMocks();
});

test.each<readonly [sabotage: string, here: string, sabotaged: () => Sabotaged]>([
  [
    "drop file fsync",
    "blobs",
    () => ({ between: changedFiles(blobs, () => ({ datasync: nothing })) }),
  ],
  [
    "drop file fsync",
    "the log",
    () => ({ between: changedFiles(log, () => ({ datasync: nothing })) }),
  ],
  ["drop dir fsync", "of blobs", () => ({ between: withoutDirectorySync(/blobs\/./) })],
  ["drop dir fsync", "of the log", () => ({ between: withoutDirectorySync(/log$/) })],
  ["drop parent-dir fsync", "above blobs", () => ({ between: withoutDirectorySync(/blobs$/) })],
  ["drop parent-dir fsync", "above all", () => ({ between: withoutDirectorySync(/^\/$/) })],
  ["ack before sync", "of the log", () => ({ between: changedFiles(log, syncLater) })],
  ["rename before sync", "of the format", () => ({ between: renameBeforeSync })],
  ["rename before sync", "commit before blobs", () => ({ between: commitBeforeBlobs })],
  ["reuse temp name", "of blobs", () => ({ between: overTakenNames, store: withoutReservation })],
  ["unlink old before switch", "before the commit", unlinkBeforeCommit],
  ["believe what was read", "of the log after a kill", () => ({ between: believeTheCache })],
  ["never collect", "blobs that nothing names", leaveBlobs],
])(
  "sabotage: %s (%s) is found",
  async (sabotage, here, sabotaged) => {
    const { points, violation } = await hunt(sabotaged());
    console.log(`${sabotage} (${here}): found by crash point ${points}: ${violation}`);
    expect(violation).toBeDefined();
    expect(violation).not.toMatch(accidents);
  },
  300_000,
);

/** Every third blob cannot be written, and only its close says so. */
const failingCloses = (ignored: boolean): Sabotaged => {
  const fails = everyThird();
  return {
    between: changedFiles(blobs, (file) => {
      if (!fails()) return {};
      return {
        datasync: nothing,
        async close() {
          await file.close();
          if (!ignored) throw Object.assign(new Error("close"), { code: "EIO" });
        },
      };
    }),
    ...(ignored ? {} : { excuses: refusals }),
  };
};

const shortWrites = (ignored: boolean): Sabotaged => ({
  between: changedFiles(/./, (file) => ({
    async write(bytes, position) {
      const taken = await file.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), position);
      return ignored ? bytes.length : taken;
    },
  })),
});

const failingSyncs = (retried: boolean): Sabotaged => {
  let syncs = 0;
  const again = (file: FsFile): Partial<FsFile> => ({
    datasync: () => file.datasync().catch(() => file.datasync()),
  });
  return {
    fault({ kind }: DiskCall) {
      if (kind !== "datasync") return;
      syncs += 1;
      if (syncs % 25 === 0) throw Object.assign(new Error(kind), { code: "EIO" });
    },
    ...(retried ? { between: changedFiles(/./, again) } : { excuses: refusals }),
  };
};

/** What the disk's own failure is an excuse for; what is missing or damaged later is not of them. */
const refusals = (error: unknown): boolean =>
  errnoOf(error instanceof EngineOpenError ? error.cause : error) === "EIO";

test.each([
  ["ignore close error", failingCloses],
  ["ignore short write", shortWrites],
  ["retry fsync after EIO", failingSyncs],
] as const)(
  "sabotage: %s is found, and the same disk without it loses nothing",
  async (name, disk) => {
    const honest = await hunt(disk(false), 1_000);
    const { points, violation } = await hunt(disk(true));
    console.log(
      `${name}: found by crash point ${points}: ${violation}; none in ${honest.points} without`,
    );
    expect(honest.violation).toBeUndefined();
    expect(violation).toBeDefined();
    expect(violation).not.toMatch(accidents);
  },
  300_000,
);
