import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Results } from "./results.ts";

const folder = join(import.meta.dirname, "../../conformance-results");

/** The results that are kept: a file for each backend that was measured, and so a column. */
export function keptResults(): readonly Results[] {
  return readdirSync(folder)
    .toSorted()
    .map((file): Results => JSON.parse(readFileSync(join(folder, file), "utf8")));
}
