const bucketsMax = 1_000;

/** Where buckets were found to live, the one learned first going first. */
export class RegionCache {
  readonly #regions = new Map<string, string>();

  of(bucket: string | undefined): string | undefined {
    return bucket === undefined ? undefined : this.#regions.get(bucket);
  }

  learn(bucket: string, region: string): void {
    this.#regions.delete(bucket);
    this.#regions.set(bucket, region);
    if (this.#regions.size > bucketsMax) {
      const [oldest = bucket] = this.#regions.keys();
      this.#regions.delete(oldest);
    }
  }
}
