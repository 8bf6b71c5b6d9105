import { copyFile, mkdir, readdir, readFile, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../disk/disk-error.ts";
import { EngineOpenError } from "../engine-open-error.ts";
import { readManifest } from "../index/level-files/live-tables.ts";
import { openLevelStore } from "../index/level-store.ts";
import { claimDirectory } from "../index/one-writer.ts";

/** A directory that is kept from being written while it is looked at, or at least watched. */
export interface Hold {
  /** Rejects with `DIRECTORY_IN_USE` when somebody wrote there in spite of it. */
  assertAlone(): Promise<void>;
  close(): Promise<void>;
}

const unwritable: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);

/**
 * Takes the one-writer lock of a directory without touching anything else there. Where this process
 * may write nothing there is no lock to be had, and it is watched instead: the disk may be another's
 * to write.
 */
export async function holdLock(directory: string, scratch: string): Promise<Hold> {
  const before = await traces(directory);
  try {
    const close = await takeLock(directory, scratch);
    return { assertAlone: async () => undefined, close };
  } catch (error) {
    if (!unwritable.has(errnoOf(error))) throw error;
  }
  return {
    async assertAlone() {
      if ((await traces(directory)) === before) return;
      throw new EngineOpenError("DIRECTORY_IN_USE", `${directory} is being written`);
    },
    close: async () => undefined,
  };
}

/** What every commit and every change of the index leaves: names, sizes and times of their files. */
async function traces(directory: string): Promise<string> {
  const found: string[] = [];
  for (const part of ["log", "index"]) {
    for (const name of (await names(join(directory, part))).toSorted()) {
      const { size, mtimeNs } = await stat(join(directory, part, name), { bigint: true });
      found.push(`${part}/${name} ${size} ${mtimeNs}`);
    }
  }
  return found.join("\n");
}

/** Another, empty index is opened whose lock file is a link to that one. */
async function takeLock(directory: string, scratch: string): Promise<() => Promise<void>> {
  const lock = join(directory, "index", "LOCK");
  if (!(await names(join(directory, "index"))).includes("LOCK")) return async () => undefined;
  const release = await claimDirectory(join(directory, "index"));
  try {
    const holder = join(scratch, "lock");
    await mkdir(holder);
    await symlink(lock, join(holder, "LOCK"));
    const store = await openLevelStore(holder);
    return () => store.close().finally(release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Copies what a start would change; the tables of the index, which none ever does, are linked to. */
export async function copyState(directory: string, copy: string): Promise<void> {
  await mkdir(copy);
  await copyFile(join(directory, "FORMAT"), join(copy, "FORMAT"));
  await copyFiles(join(directory, "log"), join(copy, "log"), /\.log$/);
  // The tables that the manifest names alone: LevelDB may write a new one over any other.
  await copyFiles(join(directory, "index"), join(copy, "index"), /^CURRENT$|^MANIFEST-|\.log$/);
  for (const table of await liveTables(join(directory, "index"))) {
    await symlink(join(directory, "index", table), join(copy, "index", table));
  }
}

async function copyFiles(from: string, to: string, wanted: RegExp): Promise<void> {
  await mkdir(to);
  for (const name of await names(from)) {
    if (wanted.test(name)) await copyFile(join(from, name), join(to, name));
  }
}

async function liveTables(index: string): Promise<readonly string[]> {
  const there = await names(index);
  if (!there.includes("CURRENT")) return [];
  const manifest = (await readFile(join(index, "CURRENT"), "utf8")).trim();
  if (!there.includes(manifest)) return [];
  try {
    const { tables } = readManifest(await readFile(join(index, manifest)));
    const live = new Set(tables.map(({ number }) => `${String(number).padStart(6, "0")}.ldb`));
    return there.filter((name) => live.has(name));
  } catch (error) {
    // A manifest that says nothing sensible; whoever opens the copy will say so.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

async function names(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}
