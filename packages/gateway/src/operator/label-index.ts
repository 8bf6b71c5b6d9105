import { otherValue } from "./label-values.ts";
import type { LabelValues } from "./metric-row.ts";

/** Gives each value of a label its number, and never more numbers than the label has values. */
export class LabelIndex {
  readonly #numbers: Map<string, number>;
  readonly #values: string[];
  readonly #isOpen: boolean;
  /** More numbers than this are never given. */
  readonly size: number;

  constructor(values: LabelValues) {
    this.#isOpen = "most" in values;
    this.#values = "most" in values ? [] : [...values];
    this.#numbers = new Map(this.#values.map((value, number) => [value, number]));
    this.size = "most" in values ? values.most + 1 : this.#values.length;
  }

  /** Undefined for a value that a closed list without `other` does not have. */
  numberOf(value: string): number | undefined {
    return this.#numbers.get(value) ?? (this.#isOpen ? this.#enter(value) : this.#other);
  }

  valueOf(number: number): string {
    return this.#values[number] ?? "";
  }

  get #other(): number | undefined {
    return this.#numbers.get(otherValue);
  }

  #enter(value: string): number {
    const isFull = this.#values.length >= this.size - 1;
    const shown = isFull ? otherValue : value;
    const known = this.#numbers.get(shown);
    if (known !== undefined) return known;
    const number = this.#values.push(shown) - 1;
    this.#numbers.set(shown, number);
    return number;
  }
}
