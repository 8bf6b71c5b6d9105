import { errnoOf } from "../disk/disk-error.ts";
import { readFile } from "../disk/read-file.ts";
import type { Volume } from "../disk/volume.ts";
import { writeFully } from "../disk/write-fully.ts";

/** Copies a small file, durably but for its name; does nothing when it is not there. */
export async function copyFile({ fs }: Volume, from: string, to: string): Promise<void> {
  let bytes: Buffer;
  try {
    bytes = await readFile(fs, from);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    throw error;
  }
  const file = await fs.open(to, "create");
  try {
    await writeFully(file, bytes, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
}
