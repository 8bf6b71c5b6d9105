import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { readManifest, type LiveTable } from "./live-tables.ts";
import { lowerBound } from "../lower-bound.ts";

const splitsMax = 256;

/** The tables of an open index, whose manifest stays the same file until it is closed. */
export class OpenTables {
  readonly #manifest: string;
  #manifestBytes = -1;
  #live: readonly LiveTable[] = [];
  /** Where tables begin, in order; undefined until it is asked for. */
  #beginnings: readonly Buffer[] | undefined;

  constructor(directory: string) {
    this.#manifest = join(directory, readFileSync(join(directory, "CURRENT"), "utf8").trim());
  }

  /** As they are now; throws when the disk does not say. */
  live(): readonly LiveTable[] {
    const { size } = statSync(this.#manifest);
    if (size !== this.#manifestBytes) {
      this.#live = readManifest(readFileSync(this.#manifest)).tables;
      this.#manifestBytes = size;
      this.#beginnings = undefined;
    }
    return this.#live;
  }

  /** Up to 256 first keys of tables, in order, above `start` and below `end`; none when the disk does not say. */
  splits(start: Buffer, end: Buffer): readonly Buffer[] {
    try {
      const live = this.live();
      this.#beginnings ??= live.map(({ from }) => from).toSorted((a, b) => Buffer.compare(a, b));
    } catch {
      // Nothing rests on the answer, and whoever reads the index meets what is wrong with it.
      return [];
    }
    const splits: Buffer[] = [];
    let last = start;
    let at = lowerBound(this.#beginnings, (key) => Buffer.compare(key, start) < 0);
    for (; splits.length < splitsMax; at += 1) {
      const key = this.#beginnings[at];
      if (key === undefined || Buffer.compare(key, end) >= 0) break;
      if (Buffer.compare(key, last) > 0) splits.push((last = key));
    }
    return splits;
  }
}
