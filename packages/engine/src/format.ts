import { join } from "node:path";
import type { Random } from "./clock.ts";
import { readFile } from "./disk/read-file.ts";
import type { Volume } from "./disk/volume.ts";
import { writeFully } from "./disk/write-fully.ts";
import { EngineOpenError } from "./engine-open-error.ts";

const version = 1;
/** The file that makes a directory a data directory. */
export const formatName = "FORMAT";

/** What a data directory says of itself. */
export interface Format {
  /** Ties the index to its directory: a foreign or fresh index is not taken for the real one. */
  readonly volumeId: string;
}

/** Reads the format; undefined in a directory that no engine has used. Changes nothing. */
export async function readFormat(volume: Volume, directory: string): Promise<Format | undefined> {
  const names = await volume.fs.readdir(directory);
  if (!names.includes(formatName)) {
    if (names.includes("log") || names.includes("blobs")) {
      throw unknownFormat(
        `${directory} holds data, and no file ${formatName} that says of which kind`,
      );
    }
    return undefined;
  }
  const text = (await readFile(volume.fs, join(directory, formatName))).toString("utf8");
  const match = /^holdfast ([0-9]{1,9}) ([0-9a-f]{32})\n$/.exec(text);
  const [, found, volumeId] = match ?? [];
  if (found === undefined || volumeId === undefined) {
    throw unknownFormat(`${join(directory, formatName)} is not readable`);
  }
  if (Number(found) !== version) {
    throw unknownFormat(`${directory} has format ${found}; this version knows format ${version}`);
  }
  return { volumeId };
}

/** Marks the directory, durably and all at once. */
export async function writeFormat(
  volume: Volume,
  directory: string,
  random: Random,
): Promise<Format> {
  const { fs } = volume;
  const temporary = join(directory, `${formatName}.new`);
  const volumeId = random(16).toString("hex");
  if ((await fs.readdir(directory)).includes(`${formatName}.new`)) await fs.unlink(temporary);
  const file = await fs.open(temporary, "create");
  try {
    await writeFully(file, Buffer.from(`holdfast ${version} ${volumeId}\n`, "utf8"), 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await fs.rename(temporary, join(directory, formatName));
  await fs.syncDirectory(directory);
  return { volumeId };
}

function unknownFormat(message: string): EngineOpenError {
  return new EngineOpenError("UNKNOWN_FORMAT", message);
}
