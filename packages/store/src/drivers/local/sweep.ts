import { lstat, opendir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { tryLock } from "./file-lock.ts";
import { lockLinks } from "./lock-links.ts";
import { baseOfLock, isHiddenName, ownerOfTemporary } from "./hidden-names.ts";
import { fateOf } from "./process-token.ts";

/** How often a writer shows that it lives. */
export const beatMs = 3_600_000;
/** A file on its way whose process cannot be asked after is left for as long as this. */
const silenceMaxMs = 24 * beatMs;

/** Takes away what a dead process left under a hidden name. It fails never, and leaves what may be a living one's. */
export async function sweepName(folder: string, name: string): Promise<void> {
  try {
    const base = baseOfLock(name);
    if (base !== undefined) await sweepLock(join(folder, base));
    const path = join(folder, name);
    const owner = ownerOfTemporary(name);
    if (owner !== undefined && (await isForsaken(path, owner))) await unlink(path);
  } catch {
    // It is gone, or is not ours to take away; then it stays hidden.
  }
}

/** Takes away what dead processes left in a directory, not in those below. */
export async function sweepFolder(folder: string): Promise<void> {
  try {
    for await (const { name } of await opendir(folder)) {
      if (isHiddenName(name)) await sweepName(folder, name);
    }
  } catch {
    // A directory that cannot be read has nothing to show either.
  }
}

async function isForsaken(path: string, owner: string): Promise<boolean> {
  const fate = fateOf(owner);
  if (fate !== "unknown") return fate === "dead";
  return Date.now() - (await lstat(path)).mtimeMs > silenceMaxMs;
}

/** Whoever gets the lock takes the dead ones away with it. */
async function sweepLock(base: string): Promise<void> {
  const claim = await tryLock(lockLinks(base));
  if (claim.isHeld) await claim.release();
}
