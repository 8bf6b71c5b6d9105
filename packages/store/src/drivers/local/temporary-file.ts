import type { BigIntStats } from "node:fs";
import { link, lstat, open, rename, unlink, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { afterwards } from "./afterwards.ts";
import { errnoOf } from "./errno.ts";
import { fileStat } from "./file-stat.ts";
import { inItsFolder, pruneFolders, syncDirectory } from "./folders.ts";
import { temporaryName } from "./hidden-names.ts";
import { withLocks } from "./path-locks.ts";
import type { LocalPlace } from "./place.ts";
import { beatMs } from "./sweep.ts";

/** When a file is to be stored. */
export interface StoreFileOptions {
  readonly overwrite: boolean;
  /** Only over the file that has this etag. */
  readonly ifMatch?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Stores a file, whole or not at all: its bytes first, then its name, each on stable storage. */
export async function storeFile(
  place: LocalPlace,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  options: StoreFileOptions,
): Promise<BigIntStats> {
  const temporary = join(dirname(place.path), temporaryName());
  let handle: FileHandle | undefined;
  let isNamed = false;
  try {
    handle = await inItsFolder(place, () => open(temporary, "wx"));
    const stats = await fill(handle, body);
    await name(temporary, place.path, options).catch((error: unknown) =>
      refuseAsDeleted(place, error),
    );
    isNamed = true;
    await afterwards(() => onStableStorage(place, temporary, options));
    return stats;
  } finally {
    await handle?.close();
    if (!isNamed) await takeBack(place, temporary);
  }
}

/** A file on its way that is gone went with its folder, which somebody deleted. That is no answer to where it is. */
async function refuseAsDeleted({ root }: LocalPlace, error: unknown): Promise<never> {
  if (errnoOf(error) !== "ENOENT") throw error;
  await lstat(root);
  const message = "The folder was deleted while the file was on its way.";
  throw new DriverFailure({ kind: "conflict", retryable: true, message, cause: error });
}

async function fill(
  file: FileHandle,
  body: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<BigIntStats> {
  // It is for others to see, and no reason to stay alive for a source that never comes to its end.
  const beat = setInterval(() => void touch(file).catch(ignore), beatMs).unref();
  try {
    if (body instanceof Uint8Array) await file.writeFile(body);
    else for await (const piece of body) await file.writeFile(piece);
  } finally {
    clearInterval(beat);
  }
  await touch(file);
  await file.sync();
  return file.stat({ bigint: true });
}

/**
 * Sets a time to the microsecond. The kernel's own is the same for several milliseconds, in which a number of an inode
 * may come again, and with it an etag.
 */
async function touch(file: FileHandle): Promise<void> {
  const fraction = Number(process.hrtime.bigint() % 1_000_000n) / 1e9;
  const now = Date.now() / 1000 + fraction;
  await file.utimes(now, now);
}

/** Gives a file its name: in one step, and a comparison with what had it goes with that step. */
async function name(
  temporary: string,
  path: string,
  { overwrite, ifMatch, signal }: StoreFileOptions,
): Promise<void> {
  if (!overwrite) {
    await link(temporary, path);
    return;
  }
  await withLocks([path], { isNeeded: ifMatch !== undefined, signal }, async () => {
    await requireEtag(path, ifMatch);
    await rename(temporary, path);
  });
}

/** Fails unless the file at a path has that etag, if there is one to have. Only under its lock it stays so. */
export async function requireEtag(path: string, etag: string | undefined): Promise<void> {
  if (etag === undefined) return;
  const stats = await lstat(path, { bigint: true }).catch(undefinedIfMissing);
  if (stats?.isFile() === true && fileStat(stats).etag === etag) return;
  throw new DriverFailure({ kind: stats?.isDirectory() ? "wrong-type" : "precondition-failed" });
}

/** For what may be missing. */
export function undefinedIfMissing(error: unknown): undefined {
  if (errnoOf(error) !== "ENOENT") throw error;
}

/** From here on the file is there, whatever fails. */
async function onStableStorage(
  place: LocalPlace,
  temporary: string,
  { overwrite }: StoreFileOptions,
): Promise<void> {
  // It may have gone with its folder, which somebody deleted: then so has the file, after it was there.
  if (!overwrite) await unlink(temporary).catch(undefinedIfMissing);
  await syncDirectory(dirname(place.path));
}

async function takeBack(place: LocalPlace, temporary: string): Promise<void> {
  await unlink(temporary).catch(ignore);
  await pruneFolders(place);
}

function ignore(): void {}
