/**
 * What becomes of a header between a client and an upstream. `forwarded`: it goes on as it came. `rewritten`: it goes on with
 * another value, made here. `ended`: it speaks of the connection or of this server, and its part ends here. `refused`: what it
 * asks for cannot be had, and the request fails rather than do without.
 */
export type HeaderFate = "forwarded" | "rewritten" | "ended" | "refused";

export interface HeaderRow {
  /** In lower case; one that ends in `*` stands for all that begin so and have no row of their own. */
  readonly name: string;
  readonly fate: HeaderFate;
  readonly reason: string;
  /** The only values that are forwarded; the others are refused. */
  readonly values?: readonly string[];
  /** Forwarded over TLS alone, and refused without it. */
  readonly needsTls?: true;
}

/** So many names are remembered beside those of the table: a client may make up any number. */
const namesMax = 1024;

/** Rows by name, the longest pattern first where there is no exact one. */
export class HeaderTable {
  readonly rows: readonly HeaderRow[];
  readonly #known: Map<string, HeaderRow>;
  readonly #patterns: readonly (readonly [prefix: string, row: HeaderRow])[];

  constructor(rows: readonly HeaderRow[]) {
    this.rows = rows;
    this.#known = new Map(rows.map((row) => [row.name, row]));
    this.#patterns = rows
      .filter(({ name }) => name.endsWith("*"))
      .toSorted((a, b) => b.name.length - a.name.length)
      .map((row) => [row.name.slice(0, -1), row]);
  }

  /** The row that decides on a header. The last pattern is `*`, so there is one for each. */
  find(name: string): HeaderRow {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const [, row] = this.#patterns.find(([prefix]) => name.startsWith(prefix)) ?? [];
    if (row === undefined) throw new TypeError("the table has no row for all the others");
    if (this.#known.size < this.rows.length + namesMax) this.#known.set(name, row);
    return row;
  }
}
