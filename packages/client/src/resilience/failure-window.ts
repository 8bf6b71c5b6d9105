const buckets = 10;

/** Outcomes of the last so many milliseconds, in ten buckets. Fixed memory, whatever the rate. */
export class FailureWindow {
  readonly #bucketMs: number;
  readonly #epochs = new Float64Array(buckets).fill(-buckets);
  readonly #calls = new Float64Array(buckets);
  readonly #failures = new Float64Array(buckets);

  constructor(spanMs: number) {
    this.#bucketMs = spanMs / buckets;
  }

  /** Counts an outcome at a moment of a monotonic clock. */
  record(failed: boolean, nowMs: number): void {
    const epoch = Math.floor(nowMs / this.#bucketMs);
    const slot = epoch % buckets;
    if (this.#epochs[slot] !== epoch) {
      this.#epochs[slot] = epoch;
      this.#calls[slot] = 0;
      this.#failures[slot] = 0;
    }
    this.#calls[slot] = (this.#calls[slot] ?? 0) + 1;
    if (failed) this.#failures[slot] = (this.#failures[slot] ?? 0) + 1;
  }

  /** What the window holds at that moment. */
  totals(nowMs: number): { readonly calls: number; readonly failures: number } {
    const oldest = Math.floor(nowMs / this.#bucketMs) - buckets;
    let calls = 0;
    let failures = 0;
    for (const [slot, epoch] of this.#epochs.entries()) {
      if (epoch <= oldest) continue;
      calls += this.#calls[slot] ?? 0;
      failures += this.#failures[slot] ?? 0;
    }
    return { calls, failures };
  }

  clear(): void {
    this.#epochs.fill(-buckets);
  }
}
