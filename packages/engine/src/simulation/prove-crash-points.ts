import { crashPoints, type CrashOutcome } from "./crash-points.ts";

/** What was tried until there were enough crash points, or until a violation was found. */
export interface Proven extends CrashOutcome {
  readonly seeds: number;
  readonly firstSeed: number;
}

/** Tries the seeds from `HOLDFAST_SEED` on that are odd or even, and half of all crash points. */
export async function proveCrashPoints(parity: "odd" | "even"): Promise<Proven> {
  const { HOLDFAST_PROOF_POINTS: all = 200_000, HOLDFAST_SEED: from = 1 } = process.env;
  const isOdd = Number(from) % 2 === 1;
  const firstSeed = Number(from) + (isOdd === (parity === "odd") ? 0 : 1);
  const points: [number, number, number] = [0, 0, 0];
  const violations: string[] = [];
  let [seeds, calls, answers] = [0, 0, 0];
  while (points[0] + points[1] + points[2] < Number(all) / 2 && violations.length === 0) {
    const outcome = await crashPoints({ seed: firstSeed + 2 * seeds });
    for (const [index, count] of outcome.points.entries())
      points[index] = (points[index] ?? 0) + count;
    seeds += 1;
    calls += outcome.calls;
    answers += outcome.answers;
    violations.push(...outcome.violations);
  }
  return { firstSeed, seeds, points, calls, answers, violations };
}

/** The counts of a proof, in a line. */
export function countsOf({ firstSeed, seeds, points, calls, answers, violations }: Proven): string {
  const [first, second, third] = points;
  return (
    `${first + second + third} crash points (${first} first cuts, ${second} second ones, ` +
    `${third} third ones) of ${seeds} seeds from ${firstSeed} on, ${calls} calls to the disk, ` +
    `${answers} writes answered, ${violations.length} violations`
  );
}
