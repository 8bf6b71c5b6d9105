import { expect, test } from "vitest";
import { auditOf, type Audit } from "./audit.ts";
import { htmlReport } from "./html.ts";
import { jsonReport } from "./json.ts";
import { markdownReport } from "./markdown.ts";
import { hostileTexts, reportOf } from "./report.test.support.ts";
import { isDivergent, matrixOf, offencesOf, tallyOf } from "./summary.ts";
import { targetText } from "./target-text.ts";
import { textReport } from "./text.ts";

const plain = auditOf(reportOf("words"));

test("Markdown has the summary, the matrix, each subject's table and why it matters", () => {
  expect(markdownReport(plain)).toMatchInlineSnapshot(`
    "# Who tells the truth about S3

    - date: 2026-11-21
    - platform: words
    - seed: 7

    ## Summary

    | subject | version | pass | diverges | not driven | not fired |
    | --- | --- | --- | --- | --- | --- |
    | words | words | 1 | 1 | 1 | 1 |
    | other |  | 0 | 1 | 1 | 1 |

    - **loses data**: words (1); other (1)
    - **leaves parts**: words (1); other (1)

    ## Matrix

    |  | scenario | words | other |
    | --- | --- | --- | --- |
    | 0 | words | pass |  |
    | 1 | words | loses data +1 | loses data +1 |
    | 2 | words | not driven | not driven |
    | 3 | words | not fired | not fired |

    ## words words

    |  | scenario | target | observed | underlying | verdict |
    | --- | --- | --- | --- | --- | --- |
    | 0 | words | words, no words, requests: 1 to 2, within 1.5 s | words; left: words with 6291456 bytes, 1 open upload | words | pass |
    | 1 | words | words, no words, requests: 1 to 2, within 1.5 s | words; left: words with 6291456 bytes, 1 open upload | words | diverges: loses data, leaves parts |
    | 2 | words | words, no words, requests: 1 to 2, within 1.5 s | words; left: words with 6291456 bytes, 1 open upload | words | not driven: words |
    | 3 | words | words, no words, requests: 1 to 2, within 1.5 s | words; left: words with 6291456 bytes, 1 open upload | words | not fired: fault 1, fault 2 |

    ## other

    |  | scenario | target | observed | underlying | verdict |
    | --- | --- | --- | --- | --- | --- |
    | 1 | words | words, no words, requests: 1 to 2, within 1.5 s | words; left: words with 6291456 bytes, 1 open upload | words | diverges: loses data, leaves parts |
    | 2 | words | words, no words, requests: 1 to 2, within 1.5 s | words; left: words with 6291456 bytes, 1 open upload | words | not driven: words |
    | 3 | words | words, no words, requests: 1 to 2, within 1.5 s | words; left: words with 6291456 bytes, 1 open upload | words | not fired: fault 1, fault 2 |

    ## Why it matters

    - **0** words: words
    - **1** words: words
    - **2** words: words
    - **3** words: words
    "
  `);
});

test("a terminal is shown each subject's table and who does what", () => {
  expect(textReport(plain)).toMatchInlineSnapshot(`
    "words words: 1 pass, 1 diverges, 1 not driven, 1 not fired

       SCENARIO  TARGET                                OBSERVED                                      UNDERLYING  VERDICT
    0  words     words, no words, requests: 1 to 2, …  words; left: words with 6291456 bytes, 1 op…  words       pass
    1  words     words, no words, requests: 1 to 2, …  words; left: words with 6291456 bytes, 1 op…  words       diverges: loses data, leaves parts
    2  words     words, no words, requests: 1 to 2, …  words; left: words with 6291456 bytes, 1 op…  words       not driven: words
    3  words     words, no words, requests: 1 to 2, …  words; left: words with 6291456 bytes, 1 op…  words       not fired: fault 1, fault 2

    other: 0 pass, 1 diverges, 1 not driven, 1 not fired

       SCENARIO  TARGET                                OBSERVED                                      UNDERLYING  VERDICT
    1  words     words, no words, requests: 1 to 2, …  words; left: words with 6291456 bytes, 1 op…  words       diverges: loses data, leaves parts
    2  words     words, no words, requests: 1 to 2, …  words; left: words with 6291456 bytes, 1 op…  words       not driven: words
    3  words     words, no words, requests: 1 to 2, …  words; left: words with 6291456 bytes, 1 op…  words       not fired: fault 1, fault 2

    loses data: words (1); other (1)
    leaves parts: words (1); other (1)
    "
  `);
});

test("the page has all of it, in tables whose rows have names", () => {
  const page = htmlReport(plain);
  for (const heading of ["Summary", "Matrix", "words words", "other", "Why it matters"]) {
    expect(page).toContain(`<h2>${heading}</h2>`);
  }
  expect(page).toContain('<td class="diverges">loses data +1</td>');
  expect(page).toContain('<td class="diverges">diverges: loses data, leaves parts</td>');
  expect(page).toContain('<td class="not-driven">not driven: words</td>');
});

test("the page asks for nothing and runs nothing", () => {
  const page = htmlReport(plain);
  expect(page).not.toMatch(/<script|<link|<img|<iframe|src=|href=|url\(|@import|https?:/i);
  expect(page).toContain("default-src 'none'; style-src 'unsafe-inline'");
  expect(page).toContain("prefers-color-scheme: dark");
});

const tags = (page: string): readonly string[] => page.match(/<[^>]*>/g) ?? [];

/** What is left of Markdown when its words and all that is escaped are taken out. */
const marks = (page: string): string =>
  page
    .replaceAll(/\\[^\n]|&(amp|lt);|[^|*#\n<>[\]`~!_-]/g, "")
    .replaceAll(/(?<=[|\n])-(?=\||$)/g, "");

test.each(hostileTexts)("what is said stays text in every field: %j", (said) => {
  const hostile = auditOf(reportOf(said));
  expect(tags(htmlReport(hostile))).toEqual(tags(htmlReport(plain)));
  const withoutHyphens = said.replaceAll("-", "");
  expect(marks(markdownReport(auditOf(reportOf(withoutHyphens))))).toBe(
    marks(markdownReport(plain)),
  );
  expect(markdownReport(hostile)).not.toMatch(/https?:\/\/|www\.e/);
  for (const page of [htmlReport(hostile), markdownReport(hostile), textReport(hostile)]) {
    expect(page).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(page.length).toBeLessThan(40_000);
  }
  expect(JSON.parse(jsonReport(reportOf(said)))).toEqual(reportOf(said));
});

test("what was not driven or not fired is no pass, and only divergences and faults that never fired fail", () => {
  const [first, second] = plain.columns;
  if (first === undefined || second === undefined) throw new Error("no columns");
  expect(tallyOf(first)).toEqual({ pass: 1, diverges: 1, "not driven": 1, "not fired": 1 });
  const only = (...ids: readonly string[]): Audit => ({
    ...plain,
    columns: [{ name: "one", rows: first.rows.filter(({ id }) => ids.includes(id)) }],
  });
  expect(["0", "1", "2", "3"].map((id) => isDivergent(only(id)))).toEqual([
    false,
    true,
    false,
    true,
  ]);
  expect(isDivergent(only("0", "2"))).toBe(false);
});

test("offences name subjects and scenarios, the gravest first", () => {
  expect(offencesOf(plain)).toEqual([
    {
      divergence: "loses data",
      subjects: [
        { name: "words", ids: ["1"] },
        { name: "other", ids: ["1"] },
      ],
    },
    expect.objectContaining({ divergence: "leaves parts" }),
  ]);
});

test("the matrix has a gap where a subject was not asked", () => {
  const [row] = matrixOf(plain);
  expect(row).toMatchObject({ id: "0", verdicts: [{ is: "pass" }, undefined] });
});

test.each([
  [{ told: ["NotFound", "NoSuchKey"] }, "NotFound or NoSuchKey"],
  [{ value: false }, "false"],
  [{ succeeds: true as const, stored: { k: 5 } }, "succeeds, k of 5 bytes"],
  [{ told: ["A"], requests: [1, 1] as const }, "A, requests: 1"],
  [{ told: ["A"], value: 5, notTold: ["B"] }, "A or 5, not B"],
  [{ told: ["A"], requests: [2, Infinity] as const }, "A, requests: at least 2"],
  [{ told: ["A"], openUploads: 0 }, "A, at most 0 open uploads"],
])("the target %j is said as %j", (target, said) => {
  expect(targetText(target)).toBe(said);
});
