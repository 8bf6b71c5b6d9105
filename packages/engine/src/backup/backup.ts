import { s3Error } from "@holdfast/protocol";
import { realpath, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { openSnapshot } from "../commit/snapshot.ts";
import type { Fs } from "../disk/fs.ts";
import { pace } from "../disk/pace.ts";
import { Volume } from "../disk/volume.ts";
import type { EngineParts } from "../engine-parts.ts";
import { everyKey } from "../index/keys.ts";
import type { OpenStore } from "../index/ordered-store.ts";
import { CommitLog } from "../log/commit-log.ts";
import { tellBadBlobs } from "../scrub/blob-owners.ts";
import type { ScrubReport } from "../scrub/finding.ts";
import { Tally } from "../scrub/tally.ts";
import { copyBlobs } from "./copy-blobs.ts";
import { copyFile } from "./copy-file.ts";
import { copyIndex } from "./copy-index.ts";

export interface BackupOptions {
  /** The directory to make. It must not exist, and what it lies in must. */
  readonly to: string;
  /** Names of files of the data directory that are not the engine's and belong to it; a missing one is left out. */
  readonly alongside?: readonly string[];
  /** Adds what belongs to the copy to its directory, before that gets its name; what it rejects with ends the backup. */
  readonly adding?: (directory: string) => Promise<void>;
  /** Read from the disk at most so fast; as fast as it gives when absent. */
  readonly bytesPerSecond?: number;
  readonly signal?: AbortSignal;
}

/** Where the engine lives, and what the copy is written with. */
export interface BackupPlace {
  readonly directory: string;
  readonly fs: Fs;
  readonly openStore: OpenStore;
}

/**
 * Copies all of one moment to another directory, which an engine can open. The copy appears under its
 * name once it is whole and on stable storage; before, it is in a directory without a format, which
 * no engine opens. Everything is verified as it is read: what is damaged is copied as it is, what the
 * disk does not give is left out, and both are told.
 */
export async function backup(
  parts: EngineParts,
  place: BackupPlace,
  options: BackupOptions,
): Promise<ScrubReport> {
  const to = resolve(options.to);
  // A failed sync over there must not end writing here.
  const target = new Volume(place.fs);
  await assertFree(target, place.directory, to);
  const partial = `${to}.${parts.random(4).toString("hex")}.partial`;
  try {
    await target.fs.mkdir(partial);
    const tally = await copyInto(parts, { ...place, target, partial, options });
    await target.fs.rename(partial, to);
    await target.fs.syncDirectory(dirname(to));
    return tally.report();
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function assertFree(target: Volume, directory: string, to: string): Promise<void> {
  const [data, parent] = await Promise.all([realpath(directory), realpath(dirname(to))]);
  if (to === directory || `${parent}/`.startsWith(`${data}/`)) {
    throw s3Error("InvalidArgument", undefined, { reason: "backup_inside_data" });
  }
  if ((await target.fs.readdir(dirname(to))).includes(basename(to))) {
    throw s3Error("InvalidArgument", undefined, { reason: "backup_target_exists" });
  }
}

interface Copy extends BackupPlace {
  readonly target: Volume;
  readonly partial: string;
  readonly options: BackupOptions;
}

async function copyInto(parts: EngineParts, copy: Copy): Promise<Tally> {
  const { target, partial, directory, openStore, options } = copy;
  const { fs } = target;
  const tally = new Tally();
  const speed = pace(options);
  for (const name of ["index", "log", "blobs"]) await fs.mkdir(join(partial, name));
  const moment = await openSnapshot(parts, () => takeMoment(parts));
  try {
    const store = await openStore(join(partial, "index"));
    try {
      await copyIndex({ from: moment.records, to: store, pace: speed, tally });
      // An index that has to be opened anew waits for walks to end; the blobs can take long.
      await moment.endWalk();
      const root = join(partial, "blobs");
      const bad = await copyBlobs({ parts, store, target, root, pace: speed, tally });
      await tellBadBlobs(parts, bad, tally);
    } finally {
      await store.close();
    }
  } finally {
    await moment.close();
  }
  const { nextSequence } = moment;
  const log = { directory: join(partial, "log"), volume: target, random: parts.random };
  await (
    await CommitLog.start({ ...log, number: 1, nextSequence, older: [], aheadBytes: 0 })
  ).close();
  for (const name of options.alongside ?? [])
    await copyFile(target, join(directory, name), join(partial, name));
  await options.adding?.(partial);
  for (const name of ["index", "log", "blobs"]) await fs.syncDirectory(join(partial, name));
  await fs.syncDirectory(partial);
  // Last of all: what lacks it is no data directory.
  await copyFile(target, join(directory, "FORMAT"), join(partial, "FORMAT"));
  await fs.syncDirectory(partial);
  return tally;
}

/** In one turn, so that the records, the files that they name and the sequence belong together. */
function takeMoment({ store, blobs, log }: EngineParts) {
  const records = store.range(everyKey.start, everyKey.end);
  const release = blobs.hold();
  let walking = true;
  const endWalk = async (): Promise<void> => {
    if (walking) await records.close();
    walking = false;
  };
  return {
    records,
    endWalk,
    nextSequence: log.nextSequence,
    async close() {
      release();
      await endWalk();
    },
  };
}
