import type { EngineParts } from "../engine-parts.ts";

/** Something taken of one moment, to be given back. */
export interface Snapshot {
  close(): Promise<void>;
}

/**
 * What `open` takes of the engine between two commits, when nothing is half done. A volume that takes
 * no writes has no commits to fall into.
 */
export async function openSnapshot<S extends Snapshot>(
  { committer, volume }: EngineParts,
  open: () => S,
): Promise<S> {
  if (!volume.health.writable) return open();
  let opened: S | undefined;
  try {
    return await committer.commit(() => (opened = open()));
  } catch (error) {
    // Commits that shared its turn failed.
    await opened?.close();
    throw error;
  }
}
