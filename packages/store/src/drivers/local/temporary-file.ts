import { randomUUID } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { link, open, rename, unlink, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inItsFolder, pruneFolders, syncDirectory } from "./folders.ts";
import type { LocalPlace } from "./place.ts";

/** Stores a file, whole or not at all: its bytes first, then its name, each on stable storage. */
export async function storeFile(
  place: LocalPlace,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  { overwrite }: { readonly overwrite: boolean },
): Promise<BigIntStats> {
  const folder = dirname(place.path);
  const temporary = join(folder, `.holdfast-${randomUUID()}.tmp`);
  let handle: FileHandle | undefined;
  let isStored = false;
  try {
    const file = await inItsFolder(place, () => open(temporary, "wx"));
    handle = file;
    if (body instanceof Uint8Array) await file.writeFile(body);
    else for await (const piece of body) await file.writeFile(piece);
    await file.sync();
    const stats = await file.stat({ bigint: true });
    if (overwrite) await rename(temporary, place.path);
    else await link(temporary, place.path);
    if (!overwrite) await unlink(temporary);
    await syncDirectory(folder);
    isStored = true;
    return stats;
  } finally {
    await handle?.close();
    if (!isStored) await takeBack(place, temporary);
  }
}

async function takeBack(place: LocalPlace, temporary: string): Promise<void> {
  await unlink(temporary).catch(ignore);
  await pruneFolders(place);
}

function ignore(): void {}
