import { LabelIndex } from "./label-index.ts";
import type { MetricRow } from "./metric-row.ts";

/** A metric with no more series than this has all of them from the start, so that a first failure is an increase. */
const shownFromStartMax = 64;

/** The series of one metric: a slot for each combination of label values that was met. */
export class Series {
  readonly #names: readonly string[];
  readonly #indexes: readonly LabelIndex[];
  readonly #slots = new Map<number, number>();
  readonly #labels: string[] = [];

  constructor({ labels }: Pick<MetricRow, "labels">) {
    this.#names = Object.keys(labels);
    this.#indexes = Object.values(labels).map((values) => new LabelIndex(values));
    const closed = Object.values(labels).flatMap((values) => ("most" in values ? [] : [values]));
    if (closed.length < this.#names.length || this.most > shownFromStartMax) return;
    for (const values of combinations(closed)) this.slotOf(values);
  }

  /** There are never more slots than this, whatever is counted. */
  get most(): number {
    return this.#indexes.reduce((product, { size }) => product * size, 1);
  }

  /** How many there are. */
  get length(): number {
    return this.#labels.length;
  }

  /** The same for the same values, which are in the order of the row; undefined for a value that a label cannot have. */
  slotOf(values: readonly string[]): number | undefined {
    let combination = 0;
    for (const [position, index] of this.#indexes.entries()) {
      const number = index.numberOf(values[position] ?? "");
      if (number === undefined) return undefined;
      combination = combination * index.size + number;
    }
    const known = this.#slots.get(combination);
    if (known !== undefined) return known;
    const slot = this.#labels.push(this.#labelsOf(combination)) - 1;
    this.#slots.set(combination, slot);
    return slot;
  }

  /** `name="value",…`, as between braces. */
  labelsAt(slot: number): string {
    return this.#labels[slot] ?? "";
  }

  #labelsOf(combination: number): string {
    const labels: string[] = [];
    let rest = combination;
    for (let position = this.#names.length - 1; position >= 0; position -= 1) {
      const index = this.#indexes[position];
      if (index === undefined) continue;
      const value = index.valueOf(rest % index.size);
      rest = Math.floor(rest / index.size);
      labels.unshift(`${this.#names[position] ?? ""}="${escaped(value)}"`);
    }
    return labels.join(",");
  }
}

function combinations(closed: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return closed.reduce<readonly (readonly string[])[]>(
    (found, values) => found.flatMap((one) => values.map((value) => [...one, value])),
    [[]],
  );
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
