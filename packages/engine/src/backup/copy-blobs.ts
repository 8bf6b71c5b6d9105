import { join } from "node:path";
import { blobPath, directoryName, directoryOf } from "../blobs/blob-path.ts";
import { errnoOf } from "../disk/disk-error.ts";
import type { FsFile } from "../disk/fs.ts";
import type { Pace } from "../disk/pace.ts";
import type { Volume } from "../disk/volume.ts";
import { writeFully } from "../disk/write-fully.ts";
import type { EngineParts } from "../engine-parts.ts";
import { blobOf, blobsFrom } from "../index/keys.ts";
import type { OrderedStore } from "../index/ordered-store.ts";
import { checkBlob, type CheckedBlob } from "../scrub/check-blob.ts";
import type { BadBlob } from "../scrub/check-blobs.ts";
import type { Tally } from "../scrub/tally.ts";

interface CopyBlobs {
  readonly parts: EngineParts;
  /** The copy's index, which says what to copy. */
  readonly store: OrderedStore;
  readonly target: Volume;
  readonly root: string;
  readonly pace: Pace;
  readonly tally: Tally;
}

/** Each waits for its own sync, which the disk does several of at a time. */
const copiesAtOnce = 8;

/** What is said of a file that the disk does not give, by errno: it is left out, and all else is copied. */
const unreadKinds = new Map<string, BadBlob["kind"]>([
  ["ENOENT", "missing-blob"],
  ["EIO", "unreadable-blob"],
]);

/** Copies every blob that a record names, durably; resolves with those that are not as they should be. */
export async function copyBlobs(copy: CopyBlobs): Promise<ReadonlyMap<number, BadBlob>> {
  const { store, target, root } = copy;
  const bad = new Map<number, BadBlob>();
  const { start, end } = blobsFrom(0);
  const cursor = store.range(start, end);
  const directories = new Set<string>();
  try {
    for (;;) {
      const blobs = (await cursor.next(copiesAtOnce)).map(([key]) => blobOf(key));
      if (blobs.length === 0) break;
      for (const directory of blobs.map((blob) => join(root, directoryName(directoryOf(blob))))) {
        if (!directories.has(directory)) await target.fs.mkdir(directory);
        directories.add(directory);
      }
      const copies = await Promise.allSettled(blobs.map((blob) => copyBlob(copy, blob)));
      for (const [at, copied] of copies.entries()) {
        if (copied.status === "rejected") throw copied.reason;
        const blob = blobs[at];
        if (blob !== undefined && copied.value !== undefined) bad.set(blob, copied.value);
      }
    }
    for (const directory of directories) await target.fs.syncDirectory(directory);
    return bad;
  } finally {
    await cursor.close();
  }
}

async function copyBlob(copy: CopyBlobs, blob: number): Promise<BadBlob | undefined> {
  const { target, root, tally } = copy;
  const path = blobPath(root, blob);
  const file = await target.fs.open(path, "create");
  try {
    const copied = await readInto(file, copy, blob);
    if (typeof copied === "string") {
      await target.fs.unlink(path);
      return { kind: copied, ranges: [] };
    }
    await file.datasync();
    tally.blobs += 1;
    tally.bytes += copied.bytes;
    return copied.sound ? undefined : { kind: "damaged-blob", ranges: copied.ranges };
  } finally {
    await file.close();
  }
}

/** Resolves with what was copied, or with why it could not be read; rejects when it cannot be written. */
async function readInto(
  file: FsFile,
  { parts, pace }: CopyBlobs,
  blob: number,
): Promise<CheckedBlob | BadBlob["kind"]> {
  let refused = false;
  const each = (bytes: Buffer, position: number): Promise<void> =>
    writeFully(file, bytes, position).catch((error: unknown) => {
      refused = true;
      throw error;
    });
  const from = { fs: parts.volume.fs, path: parts.blobs.pathOf(blob) };
  try {
    return await checkBlob({ ...from, blob, pace, each });
  } catch (error) {
    const kind = refused ? undefined : unreadKinds.get(errnoOf(error));
    if (kind === undefined) throw error;
    return kind;
  }
}
