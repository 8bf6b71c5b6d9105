import { join } from "node:path";

/** Blobs whose numbers agree above these bits share a directory, and so its sync. */
const directoryBits = 12;

export const blobsPerDirectory = 2 ** directoryBits;

/** The number of the directory that holds a blob. */
export function directoryOf(blob: number): number {
  return Math.floor(blob / blobsPerDirectory);
}

export function directoryName(directory: number): string {
  return directory.toString(16).padStart(10, "0");
}

export function blobPath(root: string, blob: number): string {
  return join(root, directoryName(directoryOf(blob)), blob.toString(16).padStart(13, "0"));
}

/** The number in the name of a directory of blobs; undefined when the name is not one of ours. */
export function directoryNumber(name: string): number | undefined {
  return /^[0-9a-f]{10}$/.test(name) ? Number.parseInt(name, 16) : undefined;
}

/** The number in the name of a blob; undefined when the name is not one of ours. */
export function blobNumber(name: string): number | undefined {
  return /^[0-9a-f]{13}$/.test(name) ? Number.parseInt(name, 16) : undefined;
}
