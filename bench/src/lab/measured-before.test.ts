import { readFileSync } from "node:fs";
import type { Verdict } from "@holdfast/lab";
import { expect, test } from "vitest";
import { measuredBefore, type Note } from "./measured-before.ts";
import type { PublishedReport } from "./published-report.ts";

const matrix: PublishedReport = JSON.parse(
  readFileSync(new URL("../../../docs/reference/fidelity-matrix.json", import.meta.url), "utf8"),
);

function text(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "not in the matrix";
  return verdict.is === "diverges" ? verdict.how.join(", ") : verdict.is;
}

function verdictOf({ scenario, client }: Note): string {
  const subject = matrix.subjects.find(({ name }) => name === client);
  return text(subject?.findings[scenario]?.verdict);
}

/** The notes that the matrix parts with, each as what it says and what the matrix has. */
const parted = (notes: readonly Note[]): readonly string[] =>
  notes.flatMap((note) => {
    const found = verdictOf(note);
    return found === note.now
      ? []
      : [`${note.client} in ${note.scenario}: ${note.now}, and in the matrix ${found}`];
  });

test("the matrix and what was measured before agree, or the note says why they do not", () => {
  const explained = measuredBefore.filter(({ because }) => because !== undefined);
  console.log(`${measuredBefore.length} cells, ${explained.length} explained`);
  expect(parted(measuredBefore)).toEqual([]);
});

test("a note that the matrix parts with is found", () => {
  const [first] = measuredBefore;
  if (first === undefined) throw new Error("there are no notes");
  expect(parted([{ ...first, now: "dies" }])).toHaveLength(1);
  expect(parted([{ ...first, scenario: "none" }])).toHaveLength(1);
});

test("docs/reference/fidelity-matrix-notes.md is the notes", async () => {
  const row = ({ scenario, client, before, now, because = "" }: Note): string =>
    `| ${[scenario, client, before, now, because].join(" | ")} |`;
  const page = [
    "# The matrix, and what was measured before it",
    "",
    "The situations 1 to 23 of the [fidelity matrix](fidelity-matrix.md) are those in which these clients were first",
    "measured one by one, on a server of fixed answers and with their own defaults. Where the matrix has another word",
    "for a client than follows from that, the last column says why. Written by a test, which fails when the matrix and",
    "this page part: `npm run matrix` makes the one, `npx vitest run bench/src/lab --update` the other.",
    "",
    "What a client is given beside its defaults stands in its adapter, in `packages/lab/src/subjects`: time limits where it",
    "has any; Holdfast's is told that the service keeps checksums, which the AWS SDK takes for granted; boto3 and the AWS",
    "CLI retry in their `standard` mode; rclone and aws4fetch are to retry less often than they would.",
    "",
    "| scenario | client | before | in the matrix | because |",
    "| --- | --- | --- | --- | --- |",
    ...measuredBefore.map(row),
    "",
  ];
  await expect(page.join("\n")).toMatchFileSnapshot(
    "../../../docs/reference/fidelity-matrix-notes.md",
  );
});

/** What the front page says of a client: how often it told what happened, and the three gravest ways in which it did not. */
function frontRow({ name, version = "", findings }: PublishedReport["subjects"][number]): string {
  const verdicts = Object.values(findings).map(({ verdict }) => verdict);
  const ways = verdicts.flatMap((verdict) => (verdict.is === "diverges" ? verdict.how : []));
  const cells = [
    `${verdicts.filter(({ is }) => is === "pass").length} of ${verdicts.filter(({ is }) => is !== "not driven").length}`,
    ...(["loses data", "lies", "dies", "hangs"] as const).map((way) => {
      const times = ways.filter((one) => one === way).length;
      return times === 0 ? "" : String(times);
    }),
  ];
  return [`${name} ${version}`, ...cells].join(" | ");
}

test("the front page has the sum of the matrix", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  // A formatter sets the columns of the page.
  const narrow = (wide: string): string => wide.replaceAll(/ +/g, " ");
  const isThere = (row: string): boolean => narrow(readme).includes(narrow(`\n| ${row} |\n`));
  const missing = matrix.subjects.map(frontRow).filter((row) => !isThere(row));
  expect(missing).toEqual([]);
  const asked = Object.keys(matrix.subjects[0]?.findings ?? {}).length;
  expect(narrow(readme)).toContain(`in ${asked} scenarios over a real socket`);
});
