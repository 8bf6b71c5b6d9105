import { stat } from "node:fs/promises";
import { EngineOpenError } from "../engine-open-error.ts";

/** Directories that this process has open, each by what it is and not by one of its names. */
const claimed = new Set<string>();

/**
 * Takes a directory for one user in this process; what it returns gives it back. Rejects with
 * `DIRECTORY_IN_USE`. LevelDB's lock keeps other processes out, and the kernel drops it as soon as its
 * process closes the lock file anywhere, even where it was refused: so no second one may get that far.
 */
export async function claimDirectory(directory: string): Promise<() => void> {
  const { dev, ino } = await stat(directory, { bigint: true });
  const name = `${dev} ${ino}`;
  if (claimed.has(name)) {
    throw new EngineOpenError("DIRECTORY_IN_USE", "this process has the index open already");
  }
  claimed.add(name);
  return () => claimed.delete(name);
}
