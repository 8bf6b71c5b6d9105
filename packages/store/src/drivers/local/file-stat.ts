import type { BigIntStats } from "node:fs";
import type { FileStat } from "../../driver.ts";

/** A file by what its inode says. The etag is another after every write, for each makes a new inode. */
export function fileStat({ ino, size, mtimeNs }: BigIntStats): FileStat {
  const etag = [ino, size, mtimeNs].map((number) => number.toString(36)).join("-");
  return {
    kind: "file",
    size: Number(size),
    etag,
    modifiedAt: new Date(Number(mtimeNs / 1_000_000n)),
  };
}
