import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { nodeFs } from "../disk/node-fs.ts";
import { pace } from "../disk/pace.ts";
import { Volume } from "../disk/volume.ts";
import { asOpenError, EngineOpenError, type EngineOpenCode } from "../engine-open-error.ts";
import { readFormat } from "../format.ts";
import { checkFiles } from "../index/level-files/check-files.ts";
import { openEngine } from "../open-engine.ts";
import type { RecoveryReport } from "../recovery.ts";
import type { ScrubFinding, ScrubReport } from "../scrub/finding.ts";
import { recordName } from "../scrub/record-name.ts";
import { damagedLog, type LogDamage } from "./damaged-log.ts";
import { overlayFs } from "./overlay-fs.ts";
import { copyState, holdLock } from "./scratch-copy.ts";

export interface FsckOptions {
  readonly directory: string;
  /** Where the log and the newest of the index are copied to meanwhile; the system's place when absent. */
  readonly scratch?: string;
  readonly bytesPerSecond?: number;
  readonly signal?: AbortSignal;
}

/** What a start would do to a directory, and what a scrub would find there. */
export type FsckReport =
  | {
      readonly opens: true;
      /** What the next start will report as recovered. */
      readonly recovery: RecoveryReport;
      readonly scrub: ScrubReport;
    }
  | {
      readonly opens: false;
      readonly code: EngineOpenCode;
      readonly message: string;
      readonly log?: LogDamage;
      readonly index: readonly ScrubFinding[];
    };

/**
 * Looks at a directory without changing a byte of it, by letting recovery and scrub loose on a copy
 * of what they would change. It may lie on a disk that cannot be written. Rejects with an
 * `EngineOpenError` when it cannot be looked at: an engine has it open, or it is none.
 */
export async function fsck(options: FsckOptions): Promise<FsckReport> {
  const directory = resolve(options.directory);
  const volume = new Volume(nodeFs);
  try {
    if ((await readFormat(volume, directory)) === undefined) {
      throw new EngineOpenError("NO_DATA", `${directory} holds no data`);
    }
  } catch (error) {
    throw asOpenError(error, directory);
  }
  const base = await realpath(options.scratch ?? tmpdir());
  const scratch = await mkdtemp(join(base, "holdfast-fsck-"));
  try {
    const hold = await holdLock(directory, scratch).catch((error: unknown) => {
      throw asOpenError(error, directory);
    });
    try {
      const report = await look({ ...options, directory }, scratch);
      await hold.assertAlone();
      return report;
    } finally {
      await hold.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function look(options: FsckOptions, scratch: string): Promise<FsckReport> {
  const { directory, bytesPerSecond, signal } = options;
  const copy = join(scratch, "copy");
  await copyState(directory, copy);
  const fs = overlayFs({ fs: nodeFs, from: join(copy, "blobs"), to: join(directory, "blobs") });
  try {
    const engine = await openEngine({ directory: copy, fs });
    try {
      const scrub = await engine.scrub({
        changeNothing: true,
        ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
        ...(signal === undefined ? {} : { signal }),
      });
      return { opens: true, recovery: engine.recovered, scrub };
    } finally {
      await engine.close();
    }
  } catch (error) {
    if (!(error instanceof EngineOpenError)) throw error;
    return refusal(error, { directory, copy });
  }
}

async function refusal(
  { code, message }: EngineOpenError,
  { directory, copy }: { readonly directory: string; readonly copy: string },
): Promise<FsckReport> {
  const index: ScrubFinding[] = [];
  for await (const { from, to, ...where } of checkFiles(join(copy, "index"), { pace: pace({}) })) {
    const records = { from: recordName(from), to: recordName(to) };
    index.push({ kind: "damaged-index", ...where, ...records });
  }
  const log = code === "LOG_DAMAGED" ? await damagedLog(join(copy, "log")) : undefined;
  return {
    opens: false,
    code,
    // The copy stands for the directory, whose name is what the operator knows.
    message: message.replaceAll(copy, directory),
    ...(log === undefined ? {} : { log }),
    index,
  };
}
