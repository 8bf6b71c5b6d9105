import { blobsPerDirectory, directoryOf } from "../blobs/blob-path.ts";

/** Sums by blob number, at four bytes a number: numbers are given out in dense runs. */
export class BlobCounts {
  readonly #directories = new Map<number, Int32Array>();

  add(blob: number, difference: number): void {
    const directory = directoryOf(blob);
    let counts = this.#directories.get(directory);
    if (counts === undefined) {
      counts = new Int32Array(blobsPerDirectory);
      this.#directories.set(directory, counts);
    }
    const at = blob % blobsPerDirectory;
    counts[at] = (counts[at] ?? 0) + difference;
  }

  /** Every blob whose sum is not zero. */
  *uneven(): Generator<readonly [blob: number, sum: number]> {
    for (const [directory, counts] of this.#directories) {
      for (const [at, sum] of counts.entries()) {
        if (sum !== 0) yield [directory * blobsPerDirectory + at, sum];
      }
    }
  }
}
