import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import type { Engine } from "./api.ts";
import { BlobStore } from "./blobs/blob-store.ts";
import { checkpoint } from "./checkpoint.ts";
import type { Clock, Random } from "./clock.ts";
import { Applier } from "./commit/applier.ts";
import { Committer } from "./commit/committer.ts";
import type { Fs } from "./disk/fs.ts";
import { fullDisk } from "./disk/full-disk.ts";
import { logBudget } from "./disk/log-budget.ts";
import { nodeFs } from "./disk/node-fs.ts";
import { Room } from "./disk/room.ts";
import { Volume, type Health, type OnHealth } from "./disk/volume.ts";
import { asOpenError } from "./engine-open-error.ts";
import type { EngineParts } from "./engine-parts.ts";
import { createEngine } from "./engine.ts";
import { HashThreads } from "./hashing/hash-threads.ts";
import { IndexRepair } from "./index-repair.ts";
import { openLevelStore } from "./index/level-store.ts";
import type { OpenStore } from "./index/ordered-store.ts";
import { encodeRecord } from "./index/records.ts";
import { storeView } from "./index/view.ts";
import { maintain, type MaintenanceTasks } from "./maintenance.ts";
import { nextDirectoryKey, recover, type RecoveryReport } from "./recovery.ts";

/** A full disk keeps room for so many logs: the old and the new one, and the index's own of both. */
const logsKept = 4;

/** Where the engine lives, and what stands in for the machine in a simulation. */
export interface EngineOptions {
  /** Made when it is missing, with what leads to it. */
  readonly directory: string;
  readonly fs?: Fs;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly openStore?: OpenStore;
  /** How much of the log may have to be replayed at the next start. By the size of the disk when absent. */
  readonly logBytesMax?: number;
  /** Told whenever writing ends or begins again. */
  readonly onHealth?: OnHealth;
}

/** An engine that has its directory to itself. */
export interface OpenEngine extends Engine, MaintenanceTasks {
  readonly recovered: RecoveryReport;
  health(): Health;
}

/** Opens a directory, recovering by itself; rejects with an `EngineOpenError` when it must not be used. */
export async function openEngine(options: EngineOptions): Promise<OpenEngine> {
  const clock: Clock = options.clock ?? Date;
  const { fs = nodeFs, random = randomBytes, openStore = openLevelStore } = options;
  const volume = new Volume(fs, options.onHealth);
  const directory = resolve(options.directory);
  const logBytesMax = options.logBytesMax ?? (await logBudget(fs, directory));
  const recovered = await recover({ directory, volume, random, openStore, logBytesMax }).catch(
    async (error: unknown) => {
      const full = await fullDisk(volume.fs, directory).catch(() => undefined);
      throw asOpenError(full ?? error, directory);
    },
  );
  const { report, store, log, blobRoot, nextDirectory } = recovered;
  const blobs = new BlobStore({
    volume,
    root: blobRoot,
    nextDirectory,
    reserve: (number) =>
      committer.commit((transaction) => {
        transaction.put(nextDirectoryKey, encodeRecord(number + 1));
      }),
  });
  const room = new Room({
    fs: volume.fs,
    directory,
    reserveBytes: logBytesMax * logsKept,
    indexBytes: () => store.bytes(),
    elapsed: () => clock.elapsed?.() ?? performance.now(),
  });
  const between = (work: () => Promise<void>): Promise<void> => committer.between(work);
  const repair = new IndexRepair({ volume, room, store, blobs, directory, between });
  const takeOver: IndexRepair["takeOver"] = (cause) => repair.takeOver(cause);
  const applier = new Applier({ volume, store, takeOver });
  const toStable = (): Promise<void> => checkpoint({ store, log, blobs, applier, takeOver });
  const committer: Committer = new Committer({
    volume,
    store,
    log,
    syncBlobs: (adopted) => blobs.sync(adopted),
    onFreed: (freed) => blobs.collect(freed),
    applier,
    checkpoint: toStable,
    logBytesMax,
  });
  const hashThreads = new HashThreads();
  const view = storeView(store);
  const parts: EngineParts = {
    volume,
    room,
    store,
    view,
    blobs,
    committer,
    log,
    hashThreads,
    clock,
    random,
  };
  const maintenance = maintain(parts, { directory, fs, openStore });
  const engine = createEngine(parts, () =>
    release(parts, { maintenance, repair, applier, toStable }),
  );
  return { ...engine, ...maintenance.tasks, recovered: report, health: () => volume.health };
}

interface Release {
  readonly maintenance: ReturnType<typeof maintain>;
  readonly repair: IndexRepair;
  readonly applier: Applier;
  readonly toStable: () => Promise<void>;
}

/** Lets what is under way end, then lets go of the directory. */
async function release(
  { volume, hashThreads, committer, blobs, log, store }: EngineParts,
  { maintenance, repair, applier, toStable }: Release,
): Promise<void> {
  await maintenance.stop();
  await hashThreads.close();
  await repair.close();
  await committer.idle();
  await blobs.collected();
  try {
    if (volume.health.writable) await toStable();
  } finally {
    await applier.close();
    // Writes that were acknowledged are in the log, whatever became of the checkpoint.
    await log.close();
    await store.close();
  }
}
