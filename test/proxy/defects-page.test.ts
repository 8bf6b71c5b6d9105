import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Proof {
  readonly file: string;
  readonly name: string;
}

/** What a cell names: tests by file and name. */
function proofsOf(cell: string): readonly Proof[] {
  return cell.split(/; (?=[\w./-]+: ")/).map((named) => {
    const [, file = "", name = ""] = /^([\w./-]+): "(.+)"$/.exec(named) ?? [];
    const isProtocol = file.startsWith("protocol/");
    const folder = isProtocol ? "packages/protocol/src/" : "packages/gateway/src/";
    const path = isProtocol ? file.slice("protocol/".length) : file;
    return { file: `${file.startsWith("test/") ? "" : folder}${path}.test.ts`, name };
  });
}

const isThere = ({ file, name }: Proof): boolean =>
  name !== "" && existsSync(file) && readFileSync(file, "utf8").includes(name);

const rows = readFileSync("docs/reference/proxy-defects.md", "utf8")
  .split("\n")
  .map((line) => /^\| (\d+) +\|.*\| ([^|]*?) +\|$/.exec(line))
  .flatMap((found) => (found === null ? [] : [{ number: Number(found[1]), cell: found[2] ?? "" }]));

test("each of the 39 defects has tests here, and each of them exists", () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 39 }, (_, row) => row + 1));
  const missing = rows.flatMap(({ number, cell }) =>
    proofsOf(cell)
      .filter((proof) => !isThere(proof))
      .map(({ file, name }) => `${number}: ${file} ${name}`),
  );
  expect(missing).toEqual([]);
});

test.each(['stages/authorize: "no such test"', 'no/such: "file"', "words"])(
  "a proof that is not there would be noticed: %s",
  (cell) => {
    expect(proofsOf(cell).some(isThere)).toBe(false);
  },
);
