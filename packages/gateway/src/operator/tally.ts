import type { MetricRow } from "./metric-row.ts";
import { Series } from "./series.ts";

/** A counter or a gauge. */
export class Tally {
  readonly #name: string;
  readonly #series: Series;
  readonly #values: number[] = [];

  constructor(name: string, row: MetricRow) {
    this.#name = name;
    this.#series = new Series(row);
    for (let slot = 0; slot < this.#series.length; slot += 1) this.#values.push(0);
  }

  /** The slot to add to, found once for many additions. */
  slotOf(values: readonly string[]): number | undefined {
    const slot = this.#series.slotOf(values);
    if (slot !== undefined) this.#values[slot] ??= 0;
    return slot;
  }

  add(slot: number, amount: number): void {
    this.#values[slot] = (this.#values[slot] ?? 0) + amount;
  }

  set(slot: number, value: number): void {
    this.#values[slot] = value;
  }

  get lines(): readonly string[] {
    return this.#values.map((value, slot) =>
      sample(this.#name, this.#series.labelsAt(slot), value),
    );
  }
}

/** One line of Prometheus's text format. */
export function sample(name: string, labels: string, value: number): string {
  return labels === "" ? `${name} ${value}` : `${name}{${labels}} ${value}`;
}
