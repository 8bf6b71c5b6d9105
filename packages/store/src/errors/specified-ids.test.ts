import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cells } from "../conformance/cells.ts";
import { keptResults } from "../conformance/kept-results.test.support.ts";

/** The clauses of the error model's specification. It has no ERR-011 and no ERR-012. */
const ids: readonly string[] = [
  "ERR-001",
  "ERR-002",
  "ERR-003",
  "ERR-004",
  "ERR-005",
  "ERR-006",
  "ERR-007",
  "ERR-008",
  "ERR-009",
  "ERR-010",
  "ERR-013",
];

/** The names of the tests beside this one. */
function testNames(): readonly string[] {
  const root = join(import.meta.dirname, "..");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".test.ts") && !path.endsWith("specified-ids.test.ts"),
  );
  return files.flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(/^test\("([^"]+)"/gm)].map(
      ([, name = ""]) => name,
    ),
  );
}

/** The promises of the cells that are known to hold on some backend: one that is skipped everywhere holds nothing. */
function heldPromises(): readonly string[] {
  const results = keptResults();
  return cells
    .filter(({ id }) => results.some((one) => one.cells[id]?.is === "held"))
    .map(({ promise }) => promise);
}

function promises(): readonly string[] {
  return [...testNames(), ...heldPromises()];
}

function unheld(names: readonly string[]): readonly string[] {
  return ids.filter((id) => !names.some((name) => name.startsWith(`${id}: `)));
}

test("every clause of the error model is named by a test that holds it", () => {
  expect(unheld(promises())).toEqual([]);
});

test("a clause that no test names is found", () => {
  const names = promises().filter((name) => !name.startsWith("ERR-010"));
  expect(unheld(names)).toEqual(["ERR-010"]);
});

test("no test names a clause that there is not, or names one in passing", () => {
  const named = [...testNames(), ...cells.map(({ promise }) => promise)].filter((name) =>
    name.includes("ERR-"),
  );
  expect(named.filter((name) => !ids.some((id) => name.startsWith(`${id}: `)))).toEqual([]);
});

test("no two promises of the conformance suite have one id, or one sentence", () => {
  expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
  expect(new Set(cells.map(({ promise }) => promise)).size).toBe(cells.length);
});
