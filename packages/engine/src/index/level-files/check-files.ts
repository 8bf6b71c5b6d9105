import { join } from "node:path";
import { errnoOf } from "../../disk/disk-error.ts";
import { nodeFs } from "../../disk/node-fs.ts";
import type { Pace } from "../../disk/pace.ts";
import { readFile } from "../../disk/read-file.ts";
import type { IndexDamage } from "../ordered-store.ts";
import { checkTable } from "./check-table.ts";
import { readManifest, type LiveTable } from "./live-tables.ts";

const everything = { from: Buffer.alloc(0), to: Buffer.of(0xff) } as const;

interface CheckFiles {
  readonly pace: Pace;
  /** Bytes after which the rest is left unread. */
  readonly bytesMax?: number;
}

/**
 * What is damaged in the files of an index: its manifest, and every block of every table in use.
 * LevelDB's own log is left out, for the commit log holds whatever is only there. A file that
 * another process takes away meanwhile is passed over; LevelDB misses it by itself.
 */
export async function* checkFiles(
  directory: string,
  { pace, bytesMax = Infinity }: CheckFiles,
): AsyncGenerator<IndexDamage> {
  const manifestName = (await readIfThere(join(directory, "CURRENT")))?.toString("utf8").trim();
  if (manifestName === undefined) return;
  const bytes = await readIfThere(join(directory, manifestName));
  if (bytes === undefined) return;
  await pace.spend(bytes.length);
  const { tables, damagedAt } = tablesOf(bytes);
  if (damagedAt !== undefined) {
    const length = bytes.length - damagedAt;
    yield { file: manifestName, offset: damagedAt, length, ...everything };
  }
  let left = bytesMax;
  for (const table of tables) {
    if (left <= 0) return;
    const found = await readTable(directory, table);
    if (found === undefined) continue;
    left -= found.bytes.length;
    await pace.spend(found.bytes.length);
    for (const damage of checkTable(table, found.bytes)) yield { file: found.file, ...damage };
  }
}

function tablesOf(bytes: Buffer): ReturnType<typeof readManifest> {
  try {
    return readManifest(bytes);
  } catch (error) {
    if (error instanceof RangeError) return { tables: [], damagedAt: 0 };
    throw error;
  }
}

async function readTable(
  directory: string,
  { number }: LiveTable,
): Promise<{ readonly file: string; readonly bytes: Buffer } | undefined> {
  const file = `${String(number).padStart(6, "0")}.ldb`;
  const bytes = await readIfThere(join(directory, file));
  return bytes === undefined ? undefined : { file, bytes };
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(nodeFs, path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
