import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import type { Engine } from "./api.ts";
import { BlobStore } from "./blobs/blob-store.ts";
import { checkpoint } from "./checkpoint.ts";
import type { Clock, Random } from "./clock.ts";
import { Committer } from "./commit/committer.ts";
import type { Fs } from "./disk/fs.ts";
import { nodeFs } from "./disk/node-fs.ts";
import { Volume, type Health } from "./disk/volume.ts";
import { asOpenError } from "./engine-open-error.ts";
import { createEngine } from "./engine.ts";
import { HashThreads } from "./hashing/hash-threads.ts";
import { openLevelStore } from "./index/level-store.ts";
import type { OpenStore } from "./index/ordered-store.ts";
import { encodeRecord } from "./index/records.ts";
import { storeView } from "./index/view.ts";
import { nextDirectoryKey, recover, type RecoveryReport } from "./recovery.ts";

/** Where the engine lives, and what stands in for the machine in a simulation. */
export interface EngineOptions {
  /** Made when it is missing, with what leads to it. */
  readonly directory: string;
  readonly fs?: Fs;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly openStore?: OpenStore;
  /** How much of the log may have to be replayed at the next start. 64 MiB when absent. */
  readonly logBytesMax?: number;
}

/** An engine that has its directory to itself. */
export interface OpenEngine extends Engine {
  readonly recovered: RecoveryReport;
  health(): Health;
}

/** Opens a directory, recovering by itself; rejects with an `EngineOpenError` when it must not be used. */
export async function openEngine(options: EngineOptions): Promise<OpenEngine> {
  const {
    fs = nodeFs,
    clock = Date,
    random = randomBytes,
    openStore = openLevelStore,
    logBytesMax = 64 * 1024 * 1024,
  } = options;
  const volume = new Volume(fs);
  const directory = resolve(options.directory);
  const recovered = await recover({ directory, volume, random, openStore, logBytesMax }).catch(
    (error: unknown) => {
      throw asOpenError(error, directory);
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
  const committer: Committer = new Committer({
    volume,
    store,
    log,
    syncBlobs: (adopted) => blobs.sync(adopted),
    onFreed: (freed) => blobs.collect(freed),
    checkpoint: () => checkpoint({ volume, store, log, blobs }),
    logBytesMax,
  });
  const hashThreads = new HashThreads();
  const engine = createEngine(
    { volume, store, view: storeView(store), blobs, committer, hashThreads, clock, random },
    async () => {
      await hashThreads.close();
      await committer.idle();
      await blobs.collected();
      try {
        if (volume.health.writable) await checkpoint({ volume, store, log, blobs });
      } finally {
        // Writes that were acknowledged are in the log, whatever became of the checkpoint.
        await log.close();
        await store.close();
      }
    },
  );
  return { ...engine, recovered: report, health: () => volume.health };
}
