import type { MaintenanceTasks, ScrubReport } from "@holdfast/engine";
import { expect, test } from "vitest";
import { startUpkeep, type UpkeepLog } from "./upkeep.ts";

const sound: ScrubReport = { records: 1, blobs: 1, bytes: 1, damaged: 0, findings: [] };
const hourMs = 60 * 60 * 1000;

/** A schedule whose pauses end when the test says so, and what came of it. */
function schedule(tasks: Partial<MaintenanceTasks>, clock: { now(): number } = Date) {
  const said: string[] = [];
  const pauses: { readonly ms: number; readonly end: () => void }[] = [];
  const log: UpkeepLog = {
    scrubbed: ({ damaged }) => said.push(`scrubbed ${damaged}`),
    uploadsAborted: (count) => said.push(`aborted ${count}`),
    failed: (task, error) => said.push(`${task} failed: ${String(error)}`),
  };
  const stop = startUpkeep({
    tasks: {
      scrub: async () => sound,
      backup: async () => sound,
      abortStaleUploads: async () => 0,
      ...tasks,
    },
    settings: { scrubRate: 16, scrubEvery: 168, uploadDays: 7 },
    log,
    clock,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        pauses.push({ ms, end: resolve });
        signal.addEventListener("abort", () => resolve());
      }),
  });
  return { said, pauses, stop };
}

test("a scrub begins a minute after the start, at the rate, and again a week after its end", async () => {
  const rates: (number | undefined)[] = [];
  const { said, pauses, stop } = schedule({
    async scrub(options) {
      rates.push(options?.bytesPerSecond);
      return sound;
    },
  });
  expect(pauses.map(({ ms }) => ms)).toEqual([60_000, 60_000, 60_000]);
  pauses[0]?.end();
  await expect.poll(() => pauses[3]?.ms).toBe(168 * hourMs);
  expect(rates).toEqual([16 * 1024 * 1024]);
  expect(said).toEqual(["scrubbed 0"]);
  await stop();
});

test("the index alone is checked every minute, and only damage is told of", async () => {
  let damaged = 0;
  const { said, pauses, stop } = schedule({
    scrub: async (options) => ({ ...sound, damaged: options?.indexOnly === true ? damaged : 0 }),
  });
  pauses[1]?.end();
  await expect.poll(() => pauses[3]?.ms).toBe(60_000);
  expect(said).toEqual([]);
  damaged = 2;
  pauses[3]?.end();
  await expect.poll(() => said).toEqual(["scrubbed 2"]);
  await stop();
});

test("a task that fails is told of, and tried again at its next time", async () => {
  let tries = 0;
  const { said, pauses, stop } = schedule({
    async abortStaleUploads() {
      tries += 1;
      if (tries === 1) throw new Error("disk");
      return 3;
    },
  });
  pauses[2]?.end();
  await expect.poll(() => pauses[3]?.ms).toBe(hourMs);
  pauses[3]?.end();
  await expect.poll(() => said).toEqual(["sweep of uploads failed: Error: disk", "aborted 3"]);
  await stop();
});

test("a clock that is set years ahead while the server runs makes no upload stale", async () => {
  let aheadMs = 0;
  let sweeps = 0;
  const clock = { now: () => Date.now() + aheadMs };
  const abortStaleUploads = async (): Promise<number> => {
    sweeps += 1;
    return 0;
  };
  const { said, pauses, stop } = schedule({ abortStaleUploads }, clock);
  pauses[2]?.end();
  await expect.poll(() => pauses.length).toBe(4);
  aheadMs = 10 * 365 * 24 * hourMs;
  pauses[3]?.end();
  await expect.poll(() => said).toEqual([expect.stringContaining("the clock was set")]);
  expect(sweeps).toBe(1);
  await stop();
});
