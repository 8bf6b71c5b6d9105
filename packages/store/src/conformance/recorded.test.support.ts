import { join } from "node:path";
import { expect } from "vitest";
import type { Results } from "./results.ts";

const folder = join(import.meta.dirname, "../../conformance-results");

/**
 * Compares the results with those that are kept, of which the pages in `docs/reference` are made. `vitest --update`
 * keeps new ones. A backend that not every run can reach is compared by the suite that can.
 */
export async function recorded(results: Results): Promise<void> {
  const broken = Object.entries(results.cells).filter(([, { is }]) => is === "broken");
  expect(broken).toEqual([]);
  const file = results.subject.replaceAll(/[^a-z0-9]+/g, "-").replace(/-$/, "");
  const text = `${JSON.stringify(results, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(join(folder, `${file}.json`));
}
