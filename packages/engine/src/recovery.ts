import { join } from "node:path";
import type { Random } from "./clock.ts";
import { errnoOf } from "./disk/disk-error.ts";
import type { Volume } from "./disk/volume.ts";
import { EngineOpenError } from "./engine-open-error.ts";
import { lowWaterKey } from "./checkpoint.ts";
import { Transaction } from "./commit/transaction.ts";
import { metaKey } from "./index/keys.ts";
import type { OpenStore } from "./index/ordered-store.ts";
import { decodeNumber, encodeRecord } from "./index/records.ts";
import { ReopeningStore } from "./index/reopening-store.ts";
import { storeView } from "./index/view.ts";
import { CommitLog, type LogStart } from "./log/commit-log.ts";
import { recoverLog, type LogRecovery } from "./log/recover-log.ts";
import { readFormat, writeFormat, type Format } from "./format.ts";
import { sweepGarbage, sweepOrphans } from "./sweep.ts";

/** What opening a directory found and did. */
export interface RecoveryReport {
  /** Whether the directory was new. */
  readonly created: boolean;
  /** Commits that the log held beyond the last checkpoint. */
  readonly replayedCommits: number;
  /** Bytes of a commit that was never acknowledged and was cut from the log's end. */
  readonly cutBytes: number;
  /** Blobs of writes that were never acknowledged, unlinked. */
  readonly orphanedBlobs: number;
  /** Blobs that were deleted and had not been unlinked, unlinked. */
  readonly deletedBlobs: number;
}

/** A directory that is ready for commits. */
export interface Recovered {
  readonly report: RecoveryReport;
  readonly store: ReopeningStore;
  readonly log: CommitLog;
  readonly blobRoot: string;
  readonly nextDirectory: number;
}

interface Directory {
  readonly directory: string;
  readonly volume: Volume;
  readonly random: Random;
  readonly openStore: OpenStore;
  readonly logBytesMax: number;
}

/** The number of the first blob directory that no process has used. */
export const nextDirectoryKey = metaKey("next-directory");

const volumeKey = metaKey("volume");

/** Writing so many zeros takes about a millisecond, which some fifty commits of sixteen writers share. */
const aheadBytesMax = 1024 * 1024;

/** Opens a directory and brings it to where the last acknowledged commit left it. */
export async function recover(parts: Directory): Promise<Recovered> {
  const { directory, volume, openStore } = parts;
  const known = await findFormat(volume, directory);
  const indexDirectory = join(directory, "index");
  await volume.fs.mkdir(indexDirectory);
  const store = await ReopeningStore.open(openStore, indexDirectory);
  try {
    return await recoverWith(parts, store, known === undefined);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function recoverWith(
  { directory, volume, random, logBytesMax }: Directory,
  store: ReopeningStore,
  created: boolean,
): Promise<Recovered> {
  // Read once more under the store's lock, which another process may have held until now.
  const format =
    (await readFormat(volume, directory)) ?? (await writeFormat(volume, directory, random));
  // Whoever wrote the format may have been killed before its name was durable.
  await volume.fs.syncDirectory(directory);
  const logDirectory = join(directory, "log");
  const blobRoot = join(directory, "blobs");
  await volume.fs.mkdir(logDirectory);
  await volume.fs.mkdir(blobRoot);
  await volume.fs.syncDirectory(directory);
  await claimIndex({ volume, store, logDirectory }, format.volumeId);
  const found = await recoverLog(volume, logDirectory, (frames) =>
    store.apply(frames.flatMap(({ changes }) => changes)),
  );
  const view = storeView(store);
  const number = (key: Buffer): number => {
    const bytes = view.get(key);
    return bytes === undefined ? 1 : decodeNumber(bytes);
  };
  const nextDirectory = number(nextDirectoryKey);
  const sweep = { volume, root: blobRoot, store };
  const garbage = await sweepGarbage(sweep);
  const orphanedBlobs = await sweepOrphans(sweep, number(lowWaterKey));
  const aheadBytes = Math.min(aheadBytesMax, Math.ceil(logBytesMax / 4));
  const log = await startLog({ volume, random, directory: logDirectory, aheadBytes }, found);
  const transaction = new Transaction(view, log.nextSequence);
  for (const { key } of garbage) transaction.delete(key);
  transaction.put(lowWaterKey, encodeRecord(nextDirectory));
  try {
    await log.append(transaction.changes);
    await store.apply([...transaction.changes]);
    await store.flush();
    await log.dropOlder();
  } catch (error) {
    await log.close();
    throw error;
  }
  const report = {
    created,
    replayedCommits: found.frames,
    cutBytes: found.cutBytes,
    orphanedBlobs,
    deletedBlobs: garbage.length,
  };
  return { report, store, log, blobRoot, nextDirectory };
}

/** The format; in a directory without one, what leads to it is made durable first. */
async function findFormat(volume: Volume, directory: string): Promise<Format | undefined> {
  try {
    const format = await readFormat(volume, directory);
    if (format !== undefined) return format;
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  await makeDirectories(volume, directory);
}

/** Every directory that is missing, from the root down, each durable before the next. */
async function makeDirectories(volume: Volume, directory: string): Promise<void> {
  const parent = join(directory, "..");
  try {
    await volume.fs.mkdir(directory);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || parent === directory) throw error;
    await makeDirectories(volume, parent);
    await volume.fs.mkdir(directory);
  }
  await volume.fs.syncDirectory(parent);
}

interface Claim {
  readonly volume: Volume;
  readonly store: ReopeningStore;
  readonly logDirectory: string;
}

/** An index that lost its files would make every object of the directory vanish without a word. */
async function claimIndex({ volume, store, logDirectory }: Claim, volumeId: string): Promise<void> {
  const view = storeView(store);
  const claimed = view.get(volumeKey)?.toString("utf8");
  const logs = await volume.fs.readdir(logDirectory);
  if (claimed !== volumeId && (claimed !== undefined || logs.length > 0)) {
    throw new EngineOpenError("INDEX_DAMAGED", "the index does not belong to this directory");
  }
  if (logs.length > 0) return;
  if (view.get(lowWaterKey) !== undefined) {
    throw new EngineOpenError("LOG_DAMAGED", `${logDirectory} has lost its files`);
  }
  // Also when a claim is seen: one that was not flushed would be lost behind the first log file.
  const transaction = new Transaction(view, 0);
  transaction.put(volumeKey, Buffer.from(volumeId, "utf8"));
  await store.apply([...transaction.changes]);
  await store.flush();
}

async function startLog(
  place: Omit<LogStart, "number" | "nextSequence" | "older">,
  { files, nextSequence }: LogRecovery,
): Promise<CommitLog> {
  const number = (files.at(-1) ?? 0) + 1;
  return CommitLog.start({ ...place, number, nextSequence, older: files });
}
