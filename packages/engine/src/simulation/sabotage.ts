import type { Fs, FsFile } from "../disk/fs.ts";
import { crashPoints, type CrashPoints } from "./crash-points.ts";
import type { SimDisk } from "./sim-disk.ts";

/** A run of writers on a machine with a defect, and without a seed. */
export type Sabotaged = Omit<CrashPoints, "seed" | "untilViolation">;

const pointsMax = 20_000;

/** How many crash points it took to find a violation, and which; all that there may be without one. */
export async function hunt(
  sabotaged: Sabotaged,
  max = pointsMax,
): Promise<{ readonly points: number; readonly violation: string | undefined }> {
  let points = 0;
  for (let seed = 1; points < max; seed += 1) {
    const outcome = await crashPoints({ ...sabotaged, seed, untilViolation: true });
    points += outcome.points.reduce((sum, count) => sum + count, 0);
    const [violation] = outcome.violations;
    if (violation !== undefined) return { points, violation };
    // A defect may be so bad that nothing comes to be compared.
    if (outcome.calls === 0) break;
  }
  return { points, violation: undefined };
}

/** The same disk with some calls done in another way. */
export function changedDisk(disk: Fs, change: Partial<Fs>): Fs {
  return {
    open: (path, mode) => disk.open(path, mode),
    unlink: (path) => disk.unlink(path),
    rename: (from, to) => disk.rename(from, to),
    mkdir: (path) => disk.mkdir(path),
    readdir: (path) => disk.readdir(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    space: (path) => disk.space(path),
    ...change,
  };
}

/** The same disk with some calls to the files whose paths match done in another way. */
export function changedFiles(
  matching: RegExp,
  change: (file: FsFile, path: string) => Partial<FsFile>,
): (disk: SimDisk) => Fs {
  return (disk) =>
    changedDisk(disk, {
      async open(path, mode) {
        const file = await disk.open(path, mode);
        return matching.test(path) ? { ...file, ...change(file, path) } : file;
      },
    });
}
