import { s3Error } from "@holdfast/protocol";
import type { FsFile } from "./fs.ts";

/** Writes all of `bytes`, however few the disk takes at a time. */
export async function writeFully(file: FsFile, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const count = await file.write(bytes.subarray(written), position + written);
    if (count === 0) throw s3Error("InternalError", undefined, { reason: "disk_took_no_bytes" });
    written += count;
  }
}
