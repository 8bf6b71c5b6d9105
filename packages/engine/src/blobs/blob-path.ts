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

const temporarySuffix = ".new";

/** Where a blob is written, beside where it will be: what has a blob's own name is whole. */
export function temporaryPath(root: string, blob: number): string {
  return blobPath(root, blob) + temporarySuffix;
}

/** Where a damaged blob is moved aside to; no reader takes what is there for a blob. */
export function asidePath(path: string): string {
  return `${path}.damaged`;
}

/** Whether a name is that of a blob which was not finished. */
export function isTemporary(name: string): boolean {
  return (
    name.endsWith(temporarySuffix) &&
    blobNumber(name.slice(0, -temporarySuffix.length)) !== undefined
  );
}

/** The number in the name of a directory of blobs; undefined when the name is not one of ours. */
export function directoryNumber(name: string): number | undefined {
  return /^[0-9a-f]{10}$/.test(name) ? Number.parseInt(name, 16) : undefined;
}

/** The number in the name of a blob; undefined when the name is not one of ours. */
export function blobNumber(name: string): number | undefined {
  return /^[0-9a-f]{13}$/.test(name) ? Number.parseInt(name, 16) : undefined;
}
