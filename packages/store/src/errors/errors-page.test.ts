import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalogue } from "@holdfast/protocol";
import { toStoreError } from "./to-store-error.ts";

interface Documented {
  readonly name: string;
  readonly paragraphs: readonly string[];
}

/** The classes of a source as their docstrings have them. */
function documentedIn(file: string): readonly Documented[] {
  const source = readFileSync(join(import.meta.dirname, file), "utf8");
  const found = source.matchAll(/\/\*\*\n((?: \*.*\n)+?) \*\/\nexport class (\w+)/g);
  return [...found].map(([, comment = "", name = ""]) => ({
    name,
    paragraphs: comment
      .replaceAll(/^ \* ?/gm, "")
      .split(/\n\n/)
      .map((paragraph) => paragraph.trim().replaceAll("\n", " ")),
  }));
}

/** Which categories of S3's errors come out as a class. */
function categoriesOf(name: string): readonly string[] {
  const call = { operation: "read", backend: "s3" };
  const categories = new Set(Object.values(catalogue).map(({ category }) => category));
  return [...categories].filter((kind) => toStoreError({ kind }, call).name === name).toSorted();
}

function section({ name, paragraphs }: Documented): readonly string[] {
  const categories = categoriesOf(name).map((category) => `\`${category}\``);
  const line = categories.length === 0 ? [] : [`Of S3's errors: ${categories.join(", ")}.`, ""];
  return [`### ${name}`, "", ...paragraphs.flatMap((paragraph) => [paragraph, ""]), ...line];
}

test("docs/reference/store-errors.md is what the classes say of themselves", async () => {
  const page = [
    "# Errors of the store",
    "",
    "Everything that `@holdfast/store` fails with is a `RemoteStoreError` or of one of the classes below, which are all directly",
    "beneath it. `NotFound.is(error)` tells a class, also of an error that another copy of the package made. All have `path`,",
    "`backend`, `operation`, `retryable`, `retryAfter` in seconds, the `code`, `status` and `requestId` of the service where it",
    "gave them, `ambiguous` where the operation may have happened all the same, and the `cause`; `CapabilityNotSupported` has",
    "`capability`, and `ResourceLocked` has `lockOwner`. The categories of S3's errors are those of [Errors](errors.md).",
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

test("each class says what it is and what to do", () => {
  const files = ["remote-store-error.ts", "classes.ts", "added-classes.ts"];
  const documented = files.flatMap(documentedIn);
  expect(documented).toHaveLength(17);
  for (const { name, paragraphs } of documented) {
    expect([name, paragraphs.length > 1]).toEqual([name, true]);
  }
});
