import type { MetricRow } from "./metric-row.ts";
import { Series } from "./series.ts";
import { sample } from "./tally.ts";

/** How often a value fell into which bucket. */
export class Histogram {
  readonly #name: string;
  readonly #series: Series;
  readonly #bounds: readonly number[];
  /** Of each slot: its buckets, not yet cumulated, and one for what is above all bounds. */
  readonly #counts: Float64Array[] = [];
  readonly #sums: number[] = [];

  constructor(name: string, row: MetricRow) {
    this.#name = name;
    this.#bounds = row.buckets ?? [];
    this.#series = new Series(row);
    for (let slot = 0; slot < this.#series.length; slot += 1) this.#open(slot);
  }

  slotOf(values: readonly string[]): number | undefined {
    const slot = this.#series.slotOf(values);
    if (slot !== undefined && this.#counts[slot] === undefined) this.#open(slot);
    return slot;
  }

  observe(slot: number, value: number): void {
    const counts = this.#counts[slot];
    if (counts === undefined) return;
    const bounds = this.#bounds;
    let bucket = 0;
    // Most requests are quick, so that this ends after a few steps.
    while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket += 1;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.#sums[slot] = (this.#sums[slot] ?? 0) + value;
  }

  get lines(): readonly string[] {
    return this.#counts.flatMap((counts, slot) => this.#linesOf(slot, counts));
  }

  #open(slot: number): void {
    this.#counts[slot] = new Float64Array(this.#bounds.length + 1);
    this.#sums[slot] = 0;
  }

  #linesOf(slot: number, counts: Float64Array): readonly string[] {
    const labels = this.#series.labelsAt(slot);
    const all = counts.reduce((sum, count) => sum + count, 0);
    let sum = 0;
    const separator = labels === "" ? "" : ",";
    const lines = this.#bounds.map((bound, bucket) => {
      sum += counts[bucket] ?? 0;
      return sample(`${this.#name}_bucket`, `${labels}${separator}le="${bound}"`, sum);
    });
    return [
      ...lines,
      sample(`${this.#name}_bucket`, `${labels}${separator}le="+Inf"`, all),
      sample(`${this.#name}_sum`, labels, this.#sums[slot] ?? 0),
      sample(`${this.#name}_count`, labels, all),
    ];
  }
}
