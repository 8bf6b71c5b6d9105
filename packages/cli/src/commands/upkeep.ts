import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import type { MaintenanceTasks, ScrubReport } from "@holdfast/engine";
import { S3Error } from "@holdfast/protocol";
import type { Settings } from "../config/settings.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const mebibyte = 1024 ** 2;

/** A listing may lack a key that rotted until the index is checked: the store below verifies nothing itself. */
const indexEveryMs = minuteMs;

/** Of the time, a task takes at most one part in so many. */
const partsOfTime = 10;

/** A wall clock that is further off the monotonic one than this was set while the server ran. */
const clockJumpMsMax = hourMs;

export interface UpkeepParts {
  readonly tasks: MaintenanceTasks;
  readonly settings: Pick<Settings, "scrubRate" | "scrubEvery" | "uploadDays">;
  readonly log: UpkeepLog;
  readonly clock?: { now(): number };
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Told of what was done and of what could not be. */
export interface UpkeepLog {
  scrubbed(report: ScrubReport): void;
  uploadsAborted(count: number): void;
  failed(task: string, error: unknown): void;
}

/** Scrubs and sweeps a directory while it is served; what it returns ends that. */
export function startUpkeep(parts: UpkeepParts): () => Promise<void> {
  const { scrubEvery, scrubRate, uploadDays } = parts.settings;
  const stop = new AbortController();
  const { signal } = stop;
  const speed = scrubRate === 0 ? {} : { bytesPerSecond: scrubRate * mebibyte };
  const loops = [
    repeat(parts, signal, {
      task: "scrub",
      everyMs: scrubEvery * hourMs,
      async run() {
        parts.log.scrubbed(await parts.tasks.scrub({ ...speed, signal }));
      },
    }),
    repeat(parts, signal, {
      task: "check of the index",
      everyMs: scrubEvery === 0 ? 0 : indexEveryMs,
      async run() {
        const report = await parts.tasks.scrub({ ...speed, signal, indexOnly: true });
        if (report.damaged > 0) parts.log.scrubbed(report);
      },
    }),
    repeat(parts, signal, {
      task: "sweep of uploads",
      everyMs: uploadDays === 0 ? 0 : hourMs,
      run: sweep(parts, signal),
    }),
  ];
  return async () => {
    stop.abort();
    await Promise.all(loops);
  };
}

interface Repeated {
  readonly task: string;
  /** Between the end of one run and the next; 0 is never. */
  readonly everyMs: number;
  readonly run: () => Promise<void>;
}

async function repeat(
  { log, wait = timer }: UpkeepParts,
  signal: AbortSignal,
  { task, everyMs, run }: Repeated,
): Promise<void> {
  if (everyMs === 0) return;
  for (let pauseMs = minuteMs; ;) {
    await wait(pauseMs, signal);
    if (signal.aborted) return;
    const begun = performance.now();
    try {
      await run();
    } catch (error) {
      if (signal.aborted || (S3Error.is(error) && error.reason === "engine_closed")) return;
      log.failed(task, error);
    }
    pauseMs = Math.max(everyMs, (performance.now() - begun) * (partsOfTime - 1));
  }
}

/**
 * Age is by the wall clock, since it has to outlast restarts. A clock that was set meanwhile could
 * make every upload look old, so nothing is swept until the next start then.
 */
function sweep(
  { tasks, settings, log, clock = Date }: UpkeepParts,
  signal: AbortSignal,
): () => Promise<void> {
  const started = clock.now() - performance.now();
  return async () => {
    if (Math.abs(clock.now() - performance.now() - started) > clockJumpMsMax) {
      throw new Error("the clock was set while the server ran; uploads are kept until it restarts");
    }
    const count = await tasks.abortStaleUploads({ idleMs: settings.uploadDays * dayMs, signal });
    if (count > 0) log.uploadsAborted(count);
  };
}

async function timer(ms: number, signal: AbortSignal): Promise<void> {
  // Node takes no longer one; sooner is well too.
  const longestMs = 2 ** 31 - 1;
  await setTimeout(Math.min(ms, longestMs), undefined, { signal }).catch(() => undefined);
}
