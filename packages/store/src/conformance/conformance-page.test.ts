import { expect, test } from "vitest";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { cells } from "./cells.ts";
import type { Cell } from "./cell.ts";
import { keptResults } from "./kept-results.test.support.ts";
import type { CellResult } from "./results.ts";

const results = keptResults();
const header = results.map(({ subject }) => ` ${subject} |`).join("");
const rule = results.map(() => " --- |").join("");

/** Why a cell does not apply or is broken: numbered in the order in which the page first has them. */
const notes: string[] = [];

function noteOf(reason: string): string {
  if (!notes.includes(reason)) notes.push(reason);
  return `[${notes.indexOf(reason) + 1}]`;
}

function mark(result: CellResult | undefined): string {
  if (result === undefined) return "?";
  if (result.is === "held") return "✓";
  const note = noteOf(result.reason ?? result.is);
  return result.is === "exception" ? `✗ ${note}` : `– ${note}`;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}

function capabilityRows(): readonly string[] {
  const all = [...new Set(results.flatMap(({ capabilities }) => capabilities))].toSorted();
  const kinds = results.map(({ namespace }) => ` ${namespace} |`).join("");
  const rows = all.map((capability) => {
    const has = results.map((one) => (one.capabilities.includes(capability) ? " ✓ |" : "  |"));
    return `| \`${capability}\` |${has.join("")}`;
  });
  return [`| namespace |${kinds}`, ...rows];
}

/** The part of an id before its first dot, or all of it. */
function groupOf({ id }: Cell): string {
  return id.split(".")[0] ?? id;
}

function cellRow(cell: Cell): string {
  const marks = results.map(({ cells: found }) => ` ${mark(found[cell.id])} |`);
  return `| ${escaped(cell.promise)} | \`${cell.id}\` |${marks.join("")}`;
}

function groupSection(group: string): readonly string[] {
  const rows = cells.filter((cell) => groupOf(cell) === group).map(cellRow);
  const table = [`| promise | cell |${header}`, `| --- | --- |${rule}`, ...rows];
  return [`## ${group}`, "", ...table, ""];
}

function countRow(is: CellResult["is"]): string {
  const counts = results.map(
    ({ cells: found }) => ` ${Object.values(found).filter((one) => one.is === is).length} |`,
  );
  return `| ${is} |${counts.join("")}`;
}

test("docs/reference/store-conformance.md is what the conformance suite found", async () => {
  const groups = [...new Set(cells.map(groupOf))].flatMap(groupSection);
  const page = [
    "# What every backend of the store promises",
    "",
    `The ${cells.length} cells of \`@holdfast/store/conformance\`, as they came out on each backend. Made from the results that`,
    "`packages/store/conformance-results` keeps, which the suite of each backend compares with what it finds.",
    "",
    "✓ it holds. – it does not apply, for the reason in the note. ✗ it is declared to be broken, for the reason in the note;",
    "a declared exception that holds after all fails the suite.",
    "",
    `| cells |${header}`,
    `| --- |${rule}`,
    ...(["held", "exception", "not-applicable"] as const).map(countRow),
    "",
    "## Capabilities",
    "",
    `| capability |${header}`,
    `| --- |${rule}`,
    ...capabilityRows(),
    "",
    ...groups,
    "## Notes",
    "",
    ...notes.map((note, index) => `${index + 1}. ${note}`),
    "",
  ];
  await expect(page.join("\n")).toMatchFileSnapshot(
    "../../../../docs/reference/store-conformance.md",
  );
});

test.each(results)("the kept results of $subject are of all cells, and none is broken", (kept) => {
  expect(Object.keys(kept.cells)).toEqual(cells.map(({ id }) => id));
  expect(Object.values(kept.cells).filter(({ is }) => is === "broken")).toEqual([]);
});

test("every capability of the memory driver is one that the page has", () => {
  const known = new Set(results.flatMap(({ capabilities }) => capabilities));
  expect([...new MemoryDriver().capabilities].filter((one) => !known.has(one))).toEqual([]);
});
