import type { Cell, Subject } from "./cell.ts";
import type { Outcomes } from "./outcomes.ts";

/** How a cell came out: `held`, or why it does not apply, or the declared exception, or what broke it. */
export interface CellResult {
  readonly is: "broken" | "exception" | "held" | "not-applicable";
  readonly reason?: string;
}

/** What a backend was found to do. */
export interface Results {
  readonly subject: string;
  readonly namespace: "flat" | "tree";
  readonly capabilities: readonly string[];
  /** By id. */
  readonly cells: Readonly<Record<string, CellResult>>;
  readonly outcomes: Outcomes;
}

/** Keeps the results of one subject as its cells come in. */
export class Tally {
  readonly #subject: Subject;
  readonly #cells: readonly Cell[];
  readonly #results = new Map<string, CellResult>();

  constructor(subject: Subject, cells: readonly Cell[]) {
    this.#subject = subject;
    this.#cells = cells;
  }

  /** One cell is done. */
  add(cell: Cell, result: CellResult): void {
    this.#results.set(cell.id, result);
  }

  /** Whether no cell was left out, as a filter of the runner does. */
  get isWhole(): boolean {
    return this.#results.size === this.#cells.length;
  }

  /** By id, in the order of the cells. */
  get cells(): Readonly<Record<string, CellResult>> {
    const found = this.#cells.map(({ id }) => [id, this.#results.get(id)] as const);
    const known = found.flatMap(([id, result]) => (result === undefined ? [] : [[id, result]]));
    return Object.fromEntries(known);
  }

  /** The closing line, and below it what was not tested and why. */
  get summary(): string {
    const results = [...this.#results.values()];
    const count = (is: CellResult["is"]): number => results.filter((one) => one.is === is).length;
    const line = [
      `${this.#cells.length} cells`,
      `${count("held")} held`,
      `${count("broken")} broken`,
      `${count("exception")} declared exceptions`,
      `${count("not-applicable")} not applicable`,
    ];
    const reasons = this.#reasons().map(([reason, ids]) => `  ${reason}: ${ids.join(", ")}`);
    return [`${this.#subject.name}: ${line.join(", ")}`, ...reasons].join("\n");
  }

  #reasons(): readonly (readonly [reason: string, ids: readonly string[]])[] {
    const found = new Map<string, string[]>();
    for (const [id, { is, reason = is }] of this.#results) {
      if (is === "held" || is === "broken") continue;
      found.set(reason, [...(found.get(reason) ?? []), id]);
    }
    return [...found];
  }
}
