import { randomUUID } from "node:crypto";
import { unlinkIfThere } from "./naming.ts";
import { isTemporaryName } from "./place.ts";
import { readDirectory } from "./read-directory.ts";
import type { Requests } from "./requests.ts";
import { isMissing } from "./status.ts";

/**
 * Removes the files on their way that nobody has written to for so long, by the server's own clock, and says how many.
 * One that was set aside stays: it may be all that is left of a file.
 */
export async function sweep(
  requests: Requests,
  root: string,
  olderThanMs: number,
): Promise<number> {
  const before = (await timeOn(requests, root)) - olderThanMs / 1000;
  return sweepBelow(requests, root, before);
}

async function sweepBelow(requests: Requests, path: string, before: number): Promise<number> {
  let removed = 0;
  for (const { name, stats } of await readDirectory(requests, path)) {
    const below = `${path}/${name}`;
    if (stats.isDirectory()) {
      removed += await sweepBelow(requests, below, before).catch(noneIfMissing);
      continue;
    }
    const isOld = stats.isFile() && stats.mtime !== undefined && stats.mtime < before;
    if (!isOld || !name.endsWith(".tmp") || !isTemporaryName(name)) continue;
    await requests.unlink(below);
    removed += 1;
  }
  return removed;
}

/** In seconds, as a file of this moment has it. */
async function timeOn(requests: Requests, root: string): Promise<number> {
  const path = `${root}/.holdfast-${randomUUID()}.tmp`;
  const handle = await requests.create(path);
  try {
    return (await requests.fstat(handle)).mtime;
  } finally {
    requests.unending.close(handle).catch(ignore);
    await unlinkIfThere(requests.unending, path);
  }
}

function noneIfMissing(error: unknown): number {
  if (!isMissing(error)) throw error;
  return 0;
}

function ignore(): void {}
