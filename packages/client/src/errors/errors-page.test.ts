import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue, fallbackFor, type ErrorRow } from "@holdfast/protocol";
import { CircuitOpenError } from "../resilience/circuit-open-error.ts";
import * as classes from "./classes.ts";
import { clientCodes } from "./client-codes.ts";
import { inferCode } from "./infer-code.ts";
import type { S3Error } from "./s3-error.ts";
import { toS3Error } from "./to-s3-error.ts";

const context = { operation: "GetObject" };
const rows: readonly (readonly [string, ErrorRow])[] = Object.entries(catalogue);
const refusal = {
  context,
  history: [],
  ambiguous: false,
  remainingMs: undefined,
  lastCause: undefined,
};
const circuitOpen = new CircuitOpenError(refusal);

function errorOf(code: string, status?: number): S3Error {
  if (code === circuitOpen.errorCode) return circuitOpen;
  return toS3Error({ code, status }, { context, history: [], ambiguous: false });
}

/** The names of all codes by the class of their error; a code of two causes is there for each status. */
function codesByClass(): ReadonlyMap<string, readonly string[]> {
  const named = rows.flatMap(([code, { status, variants = {} }]) => [
    { name: code, error: errorOf(code, status) },
    ...Object.values(variants).map((variant) => ({
      name: `${code} (${variant.status})`,
      error: errorOf(code, variant.status),
    })),
  ]);
  const own = Object.keys(clientCodes).map((code) => ({ name: code, error: errorOf(code) }));
  const byClass = new Map<string, string[]>();
  for (const { name, error } of [...named, ...own].toSorted(byName)) {
    const codes = byClass.get(error.name);
    if (codes === undefined) byClass.set(error.name, [name]);
    else codes.push(name);
  }
  return byClass;
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}

interface Documented {
  readonly name: string;
  readonly parent: string;
  readonly meaning: string;
  readonly remedy: string;
}

/** The classes of a source as their docstrings have them: what it means, and what to do. */
function documentedIn(path: string): readonly Documented[] {
  const source = readFileSync(new URL(path, import.meta.url), "utf8");
  const found = source.matchAll(/\/\*\*\n((?: \*.*\n)+?) \*\/\nexport class (\w+) extends (\w+)/g);
  return [...found].map(([, comment = "", name = "", parent = ""]) => {
    const paragraphs = comment
      .replaceAll(/^ \* ?/gm, "")
      .split(/\n\n/)
      .map((paragraph) => paragraph.trim().replaceAll("\n", " "));
    const [meaning = "", remedy = ""] = paragraphs;
    return { name, parent, meaning, remedy };
  });
}

const documented = [
  ...documentedIn("s3-error.ts"),
  ...documentedIn("classes.ts"),
  ...documentedIn("../resilience/circuit-open-error.ts"),
  ...documentedIn("../resilience/fallback-error.ts"),
];

test("every class says in two paragraphs what it means and what to do", () => {
  const names = ["S3Error", ...Object.keys(classes), "CircuitOpenError", "FallbackError"];
  expect(documented.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  expect(documented.filter(({ meaning, remedy }) => meaning === "" || remedy === "")).toEqual([]);
});

const statuses = [
  301, 304, 307, 400, 401, 403, 404, 405, 408, 409, 410, 412, 413, 416, 423, 429, 500, 501, 502,
  503, 504, 507,
];

function classSection(
  { name, parent, meaning, remedy }: Documented,
  codes: readonly string[],
): readonly string[] {
  const list = codes.map((code) => `\`${code}\``).join(", ");
  return [
    `## ${name}`,
    "",
    `*A kind of \`${parent}\`.* ${meaning}`,
    "",
    `**What to do.** ${remedy}`,
    "",
    ...(codes.length === 0 ? [] : [`Codes: ${list}.`, ""]),
  ];
}

test("docs/reference/client-errors.md is the classes, the catalogue and the client's own codes", async () => {
  const byClass = codesByClass();
  const own = Object.entries(clientCodes).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const page = [
    "# Errors of the client",
    "",
    "Every error that `@holdfast/client` throws is an `S3Error` of one of these classes. The class follows from the code, and",
    "where the code is not known from the status; never from a text. `S3NotFoundError.is(error)` tells a class, also of an",
    "error that another copy of the package made. What each code means is in [Errors](errors.md).",
    "",
    ...documented.flatMap((entry) => classSection(entry, byClass.get(entry.name) ?? [])),
    "## Codes of the client's own",
    "",
    "No server sends these: they are what the client itself found. Beside them `errorCode` may be an errno, such as",
    "`ECONNRESET`, under an `S3TransportError`.",
    "",
    "| code | class | category | retry | message |",
    "| --- | --- | --- | --- | --- |",
    ...own.map(
      ([code, { category, retry, message }]) =>
        `| ${code} | ${errorOf(code).name} | ${category} | ${retry} | ${message} |`,
    ),
    "",
    "## Answers without a code",
    "",
    "An answer to HEAD has no body, and a proxy's has no code. Then the code is inferred from the status, and `codeInferred`",
    "is true. *HEAD* is what an answer to HEAD is taken for, *page* what a proxy's page is taken for. A code that no list",
    "has keeps its spelling, and takes *class* and *retry* from the status.",
    "",
    "| status | HEAD | page | class | retry |",
    "| --- | --- | --- | --- | --- |",
    ...statuses.map((status) => {
      const head = inferCode({ status, headers: {}, method: "HEAD" }, 0);
      const html = { "content-type": "text/html" };
      const proxy = inferCode({ status, headers: html, method: "GET" }, 1);
      const { name } = errorOf("SomeOtherCode", status);
      return `| ${status} | ${head} | ${proxy} | ${name} | ${fallbackFor(status).retry} |`;
    }),
    "",
  ];
  await expect(page.join("\n")).toMatchFileSnapshot("../../../../docs/reference/client-errors.md");
});
