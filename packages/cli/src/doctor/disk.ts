import { mkdtemp, open, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { errorCode } from "../error-code.ts";
import { syncDirectory } from "../private-file.ts";
import type { Finding } from "./finding.ts";

const freeBytesMin = 1024 ** 3;
// Linux's magic numbers of tmpfs and ramfs.
const memoryFileSystems = new Set([0x01021994, 0x858458f6]);

/** Whether the data directory can be written, has room, and has a disk that flushes. */
export async function checkDisk(directory: string): Promise<readonly Finding[]> {
  const existing = await nearestExisting(directory);
  const told = existing === directory ? directory : `${directory} (to be made in ${existing})`;
  try {
    const fsyncMs = await writeDurably(existing);
    return [
      { check: "directory", status: "ok", detail: `${told} can be written` },
      await checkSpace(existing),
      await checkFsync(existing, fsyncMs),
    ];
  } catch (cause) {
    const detail = `${told}: writing and flushing a file fails with ${errorCode(cause) ?? "an unknown error"}`;
    const mend =
      "give this user the directory, free space on its disk, or choose another with --data";
    return [{ check: "directory", status: "fail", detail, mend }];
  }
}

async function checkSpace(directory: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const detail = `${(free / freeBytesMin).toFixed(1)} GiB free`;
  return free >= freeBytesMin
    ? { check: "space", status: "ok", detail }
    : {
        check: "space",
        status: "fail",
        detail,
        mend: "free at least 1 GiB, or choose a directory on a larger disk with --data",
      };
}

async function checkFsync(directory: string, fsyncMs: number): Promise<Finding> {
  const { type } = await statfs(directory);
  const detail = `a file and its directory were flushed in ${fsyncMs.toFixed(1)} ms`;
  return memoryFileSystems.has(type)
    ? {
        check: "fsync",
        status: "warn",
        detail: "the directory is in memory, and objects are lost when the machine stops",
        mend: "choose a directory on a disk with --data",
      }
    : { check: "fsync", status: "ok", detail };
}

/** Does what a write of an object does: file, flush, rename, flush of the directory. */
async function writeDurably(directory: string): Promise<number> {
  const place = await mkdtemp(join(directory, ".holdfast-doctor-"));
  try {
    const handle = await open(join(place, "a"), "wx", 0o600);
    const started = performance.now();
    try {
      await handle.writeFile(Buffer.alloc(64 * 1024, 1));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(join(place, "a"), join(place, "b"));
    await syncDirectory(place);
    return performance.now() - started;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch {
    const parent = dirname(path);
    return parent === path ? path : await nearestExisting(parent);
  }
}
