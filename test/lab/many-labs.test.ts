import { readdirSync } from "node:fs";
import { startLab } from "@holdfast/lab";
import { expect, test } from "vitest";

const count = 200;

/** Descriptors and timers, and whatever else keeps a process alive. */
function held(): Readonly<Record<string, number>> {
  const handles: Record<string, number> = { descriptors: readdirSync("/proc/self/fd").length };
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  return handles;
}

/** Kinds of which there are more than there were. */
function more(before: Readonly<Record<string, number>>): readonly string[] {
  const now = Object.entries(held());
  // A pool of threads has its own descriptors, which stay for the next use.
  return now.flatMap(([kind, many]) =>
    many > (before[kind] ?? 0) + 4 ? [`${kind}: ${many}`] : [],
  );
}

test(`${count} labs in one process, one after the other and at once, leave no handle`, async () => {
  await (await startLab()).close();
  const before = held();
  const times: number[] = [];
  for (let started = 0; started < count; started += 1) {
    const startedAt = performance.now();
    const lab = await startLab({ buckets: ["data"] });
    times.push(performance.now() - startedAt);
    await lab.close();
  }
  await expect.poll(() => more(before), { timeout: 60_000 }).toEqual([]);

  const labs = await Promise.all(Array.from({ length: count }, () => startLab()));
  expect(more(before).length).toBeGreaterThan(0);
  const answers = await Promise.all(
    labs.map(async ({ endpoint }) => (await fetch(endpoint)).status),
  );
  expect(new Set(answers)).toEqual(new Set([403]));
  await Promise.all(labs.map((lab) => lab.close()));
  await expect.poll(() => more(before), { timeout: 60_000 }).toEqual([]);

  const sorted = times.toSorted((one, other) => one - other);
  const [median = 0, last = 0] = [sorted[count / 2], sorted[count - 3]];
  console.log(
    `${count} labs: ready after ${median.toFixed(1)} ms by median, ${last.toFixed(1)} ms at the 99th of a hundred`,
  );
}, 300_000);
