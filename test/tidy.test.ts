import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue, type ErrorMeaning, type ErrorRow } from "@holdfast/protocol";
import { defects } from "./sabotage/defects.ts";

const rows: readonly (readonly [string, ErrorRow])[] = Object.entries(catalogue);

const read = (path: string): string => readFileSync(path, "utf8");

const sources = readdirSync("packages", { recursive: true, encoding: "utf8" })
  .filter((path) => /\/src\/.*\.ts$/.test(path) && !path.includes("node_modules"))
  .map((path) => ({ path, text: read(`packages/${path}`) }));

test("only the catalogue spells an error's message", () => {
  const messages = rows.flatMap(([, { message, variants = {} }]) => [
    message,
    ...Object.values(variants).map((variant) => variant.message),
  ]);
  const restating = sources.filter(
    ({ path, text }) =>
      !path.startsWith("protocol/src/errors/rows/") &&
      !path.endsWith(".test.ts") &&
      messages.some((message) => text.includes(message)),
  );
  expect(restating.map(({ path }) => path)).toEqual([]);
});

test("every planted defect still has its one place, and the tests that have to notice it", () => {
  const lost = defects.filter(
    ({ file, find, tests }) =>
      read(file).split(find).length !== 2 || !tests.every((path) => existsSync(path)),
  );
  expect(lost.map(({ name }) => name)).toEqual([]);
});

/** One line of the errors page; a row's other causes have lines of their own. */
function errorLine(name: string, meaning: ErrorMeaning): string {
  const { status, awsStatus, category, retry, message, origin } = meaning;
  return `| ${name} | ${status} | ${awsStatus ?? ""} | ${category} | ${retry} | ${origin} | ${message} |`;
}

function errorLines([code, row]: readonly [string, ErrorRow]): readonly string[] {
  const variants = Object.entries(row.variants ?? {}).map(([variant, meaning]) =>
    errorLine(`${code} (${variant})`, meaning),
  );
  return [errorLine(code, row), ...variants];
}

test("docs/reference/errors.md is the catalogue", async () => {
  const sorted = rows.toSorted(([one], [other]) => (one < other ? -1 : 1));
  const page = [
    "# Errors",
    "",
    `The ${rows.length} codes that can stand in \`<Code>\`. *Status* is that of the \`documented\` profile; *aws* is that of`,
    "the `aws` profile where it differs. *Retry* says whether trying again can help, and what has to happen first:",
    "",
    "- `never`: the same request fails the same way.",
    "- `transient`: after a short back-off.",
    "- `throttling`: after a longer back-off, or the time that the server names.",
    "- `clock-skew`: once, after the clock's offset was corrected.",
    "- `credentials`: once, after the credentials were refreshed.",
    "- `region`: once, signed for the region or endpoint that the answer names.",
    "- `restart`: not the request alone, but the operation it belongs to, from its beginning.",
    "",
    "*Origin* is who is known to send the code. A code that stands twice has two causes, and the status tells them apart.",
    "",
    "| code | status | aws | category | retry | origin | message |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...sorted.flatMap(errorLines),
    "",
  ];
  await expect(page.join("\n")).toMatchFileSnapshot("../docs/reference/errors.md");
});
