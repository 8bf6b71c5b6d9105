import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Proof {
  readonly file: string;
  readonly text: string;
}

const fidelityPage = readFileSync("docs/reference/fidelity.md", "utf8");

/** What a cell names: situations of the table, and tests by file and name. */
function proofsOf(cell: string): readonly Proof[] {
  return cell.split("; ").map((named) => {
    const situation = /^situation (\S+)$/.exec(named)?.[1];
    if (situation !== undefined) return { file: "situations", text: `\n| ${situation} |` };
    const [, file = "", text = ""] = /^([\w/-]+): "(.+)"$/.exec(named) ?? [];
    const folder = file.startsWith("test/") ? "" : "packages/client/src/";
    return { file: `${folder}${file}.test.ts`, text };
  });
}

function isThere({ file, text }: Proof): boolean {
  if (text === "") return false;
  if (file === "situations") return fidelityPage.includes(text);
  return existsSync(file) && readFileSync(file, "utf8").includes(text);
}

const rows = readFileSync("docs/reference/guide-defects.md", "utf8")
  .split("\n")
  .map((line) => /^\| (\d+) +\|.*\| ([^|]*?) +\|$/.exec(line))
  .flatMap((found) => (found === null ? [] : [{ number: Number(found[1]), cell: found[2] ?? "" }]));

test("each of the guide's 27 mistakes has tests here, and each of them exists", () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 27 }, (_, row) => row + 1));
  const missing = rows.flatMap(({ number, cell }) =>
    proofsOf(cell)
      .filter((proof) => !isThere(proof))
      .map((proof) => `${number}: ${proof.file} ${proof.text}`),
  );
  expect(missing).toEqual([]);
});

test.each(["situation 99", 'resilience/batch: "no such test"', 'no/such: "file"', "words"])(
  "a proof that is not there would be noticed: %s",
  (cell) => {
    expect(proofsOf(cell).some(isThere)).toBe(false);
  },
);
