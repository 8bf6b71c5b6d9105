import { expect, test } from "vitest";
import { codeOfPage } from "./code-of-page.ts";
import { runTypeScript } from "./run-typescript.ts";

/** What the code of each page prints. */
const pages: readonly (readonly [page: string, printed: readonly string[]])[] = [
  ["retry", ["all is well"]],
  ["batch", ["a.txt is gone", "c.txt NotFound", "5 characters"]],
  [
    "transfer",
    [
      "3 of 3",
      "3 of 3",
      "stored 3",
      "the source: NotFound: Nothing is at this path.",
      "a.txt AlreadyExists",
      "b.txt arrived",
    ],
  ],
  ["cache", ["{ colour: 'blue' }", "{ colour: 'red' }", '{ "colour": "red" }', "1 entry"]],
  [
    "observe",
    [
      "writeText a.txt ended 5",
      "opened",
      "read a.txt ended 5",
      "delete b.txt NotFound",
      "store.writeText { 'store.bytes': 5 }",
      "store.writeText ends",
    ],
  ],
  [
    "sync",
    [
      "would delete old.csv extra",
      "would copy a.csv missing",
      "would copy d/b.csv missing",
      "delete old.csv done",
      "copy a.csv done",
      "copy d/b.csv done",
    ],
  ],
];

test.each(pages)(
  "the code of the store's page on %s does what the page says",
  async (page, printed) => {
    const output = await runTypeScript(codeOfPage(`docs/how-to/store/${page}.md`), ["store"]);
    expect(output.trim().split("\n")).toEqual(printed);
  },
);
