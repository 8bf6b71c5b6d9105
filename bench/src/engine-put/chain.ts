import { constants } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Contender } from "./contender.ts";

/** A file an object: written beside its place, synced, renamed, its directory synced. */
export async function openChain(directory: string): Promise<Contender> {
  await mkdir(directory);
  return {
    name: "chain",
    async put(key, bytes) {
      const temporary = join(directory, `${key}.tmp`);
      const file = await open(temporary, "wx");
      try {
        await file.writeFile(bytes);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(temporary, join(directory, key));
      const parent = await open(directory, constants.O_RDONLY);
      try {
        await parent.sync();
      } finally {
        await parent.close();
      }
    },
    async close() {},
  };
}
