import { asidePath, blobPath } from "../blobs/blob-path.ts";
import { errnoOf } from "../disk/disk-error.ts";
import type { Pace } from "../disk/pace.ts";
import type { EngineParts } from "../engine-parts.ts";
import { blobKey, blobOf, blobsFrom } from "../index/keys.ts";
import { checkBlob } from "./check-blob.ts";
import type { ByteRange } from "./finding.ts";
import type { Tally } from "./tally.ts";

/** A blob that cannot be served whole. */
export interface BadBlob {
  readonly kind: "damaged-blob" | "missing-blob" | "unreadable-blob";
  readonly ranges: readonly ByteRange[];
  readonly quarantined?: string;
}

interface CheckBlobs {
  readonly parts: EngineParts;
  readonly pace: Pace;
  readonly tally: Tally;
  readonly quarantine: boolean;
}

const blobsAtOnce = 256;
const badMax = 1000;

/** Reads every blob that a record names; resolves with the first thousand that are bad, by number. */
export async function checkBlobs(check: CheckBlobs): Promise<ReadonlyMap<number, BadBlob>> {
  const { parts, tally } = check;
  const bad = new Map<number, BadBlob>();
  for (let from: number | undefined = 0; from !== undefined;) {
    const blobs = await namedBlobs(parts, from);
    for (const blob of blobs) {
      const found = await checkNamed(check, blob);
      if (found === undefined) continue;
      if (bad.size < badMax) bad.set(blob, found);
      else tally.damaged += 1;
    }
    const last: number | undefined = blobs.at(-1);
    from = last === undefined ? undefined : last + 1;
  }
  return bad;
}

/** Some numbers in a row, read at once: a walk that stays open would hold up compactions. */
async function namedBlobs({ store }: EngineParts, from: number): Promise<readonly number[]> {
  const { start, end } = blobsFrom(from);
  const cursor = store.range(start, end);
  try {
    return (await cursor.next(blobsAtOnce)).map(([key]) => blobOf(key));
  } finally {
    await cursor.close();
  }
}

async function checkNamed(check: CheckBlobs, blob: number): Promise<BadBlob | undefined> {
  const { parts, pace, tally, quarantine } = check;
  const { blobs, store, volume } = parts;
  // In one turn: what is named when it is pinned stays until it is unpinned.
  if (store.get(blobKey(blob)) === undefined) return undefined;
  blobs.pin([blob]);
  try {
    const path = blobs.pathOf(blob);
    const { bytes, sound, ranges } = await checkBlob({ fs: volume.fs, path, blob, pace });
    tally.blobs += 1;
    tally.bytes += bytes;
    if (sound) return undefined;
    const aside = quarantine ? await moveAside(parts, blob) : {};
    return { kind: "damaged-blob", ranges, ...aside };
  } catch (error) {
    if (errnoOf(error) === "ENOENT")
      return { kind: "missing-blob", ranges: [], ...(await movedAside(parts, blob)) };
    if (errnoOf(error) === "EIO") return { kind: "unreadable-blob", ranges: [] };
    throw error;
  } finally {
    blobs.unpin([blob]);
  }
}

async function moveAside(
  { blobs, volume }: EngineParts,
  blob: number,
): Promise<{ readonly quarantined?: string }> {
  if (!volume.health.writable) return {};
  const path = blobs.pathOf(blob);
  await volume.fs.rename(path, asidePath(path));
  await blobs.sync([blob]);
  return { quarantined: asidePath(blobPath("blobs", blob)) };
}

async function movedAside(
  { blobs, volume }: EngineParts,
  blob: number,
): Promise<{ readonly quarantined?: string }> {
  try {
    const file = await volume.fs.open(asidePath(blobs.pathOf(blob)), "read");
    await file.close();
    return { quarantined: asidePath(blobPath("blobs", blob)) };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return {};
    throw error;
  }
}
