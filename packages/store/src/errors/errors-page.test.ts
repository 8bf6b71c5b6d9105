import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalogue } from "@holdfast/protocol";
import { toStoreError } from "./to-store-error.ts";

interface Documented {
  readonly name: string;
  readonly paragraphs: readonly string[];
  /** Attributes that its class alone has, with what they are. */
  readonly own: readonly string[];
}

const files = ["remote-store-error.ts", "classes.ts", "added-classes.ts"] as const;
const labels = ["Typical cause", "What to do", "In the original model"] as const;

function sourceOf(file: (typeof files)[number]): string {
  return readFileSync(join(import.meta.dirname, file), "utf8");
}

/** The classes of a source as their docstrings have them. */
function documentedIn(file: (typeof files)[number]): readonly Documented[] {
  const found = sourceOf(file).matchAll(
    /\/\*\*\n((?: \*.*\n)+?) \*\/\nexport class (\w+)([^]*?)^}/gm,
  );
  return [...found].map(([, comment = "", name = "", body = ""]) => ({
    name,
    paragraphs: comment
      .replaceAll(/^ \* ?/gm, "")
      .split(/\n\n/)
      .map((paragraph) => paragraph.trim().replaceAll("\n", " ")),
    own: [...body.matchAll(/\/\*\* (.*?)\.? \*\/\n {2}readonly (\w+):/g)].map(
      ([, meaning = "", attribute = ""]) => `\`${attribute}\`: ${lowerFirst(meaning)}`,
    ),
  }));
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** What every error carries, as the fields of the root say. */
function attributeRows(): readonly string[] {
  const [fields = ""] = sourceOf("remote-store-error.ts").split("\n}\n");
  const rows = [...fields.matchAll(/\/\*\* (.*?)\.? \*\/\n {2}readonly (\w+)\?:/g)];
  return rows.map(([, meaning = "", name = ""]) => `| \`${name}\` | ${lowerFirst(meaning)} |`);
}

/** Which categories of S3's errors come out as a class. */
function categoriesOf(name: string): readonly string[] {
  const call = { operation: "read", backend: "s3" };
  const categories = new Set(Object.values(catalogue).map(({ category }) => category));
  return [...categories].filter((kind) => toStoreError({ kind }, call).name === name).toSorted();
}

/** What a paragraph says under one of the labels, as an item of a list. */
function item(label: (typeof labels)[number], { name, paragraphs }: Documented): string {
  const found = paragraphs.find((paragraph) => paragraph.startsWith(`${label}: `));
  return `- **${label}**: ${found?.slice(label.length + 2) ?? `\`${name}\`.`}`;
}

function section(documented: Documented): readonly string[] {
  const { name, paragraphs, own } = documented;
  const [meaning = ""] = paragraphs;
  const categories = categoriesOf(name).map((category) => `\`${category}\``);
  const ofS3 = categories.length === 0 ? [] : [`- **Of S3's errors**: ${categories.join(", ")}.`];
  const attributes = own.length === 0 ? [] : [`- **Attributes of its own**: ${own.join("; ")}.`];
  const items = labels.map((label) => item(label, documented));
  return [`### ${name}`, "", meaning, "", ...items, ...attributes, ...ofS3, ""];
}

test("docs/reference/store-errors.md is what the classes say of themselves", async () => {
  const page = [
    "# Errors of the store",
    "",
    "Everything that `@holdfast/store` fails with is a `RemoteStoreError` or of one of the classes below, which are all directly",
    "beneath it. `NotFound.is(error)` tells a class, also of an error that another copy of the package made. *The original model*",
    "is the one that the specified classes come from; the line says what its callers saw in the same place. The categories of",
    "S3's errors are those of [Errors](errors.md).",
    "",
    "All carry these, where they are known:",
    "",
    "| attribute | is |",
    "| --- | --- |",
    ...attributeRows(),
    "",
    ...documentedIn("remote-store-error.ts").flatMap(section),
    "## As specified",
    "",
    ...documentedIn("classes.ts").flatMap(section),
    "## Added",
    "",
    "Each is what a specified class would have hidden, and says which one that was.",
    "",
    ...documentedIn("added-classes.ts").flatMap(section),
  ];
  const text = `${page.join("\n").trimEnd()}\n`;
  await expect(text).toMatchFileSnapshot("../../../../docs/reference/store-errors.md");
});

test("each class says what it is, where it comes from, what to do and what it was", () => {
  const documented = files.flatMap(documentedIn);
  expect(documented).toHaveLength(17);
  for (const file of files) {
    for (const { name, paragraphs } of documentedIn(file)) {
      const own = paragraphs.slice(1).map((paragraph) => paragraph.split(": ", 1)[0]);
      const said = file === "added-classes.ts" ? labels : labels.slice(0, 2);
      expect([name, own]).toEqual([name, said]);
    }
  }
});
