import type { Sighting } from "./context.ts";

/** A finished step of one client under one profile; `note` is the reason of a skip. */
export interface Observation extends Sighting {
  readonly state: "failed" | "passed" | "pending" | "skipped";
  readonly note?: string;
}

const marks = { failed: "**no**", passed: "yes", pending: "", skipped: "–" } as const;

const unique = (words: readonly string[]): readonly string[] => [...new Set(words)];

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [row(head), row(head.map(() => "---")), ...rows.map(row), ""];
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** What all profiles agree on, or each profile's own word. */
function agreed(seen: readonly Observation[], word: (one: Observation) => string): string {
  const words = unique(seen.map(word));
  if (words.length <= 1) return words[0] ?? "";
  return seen.map((one) => `${one.profile}: ${word(one)}`).join(", ");
}

/** Clients that were asked for the same things share a table. */
function groups(observations: readonly Observation[]): readonly (readonly Observation[])[] {
  const byPromises = new Map<string, Observation[]>();
  for (const client of unique(observations.map((one) => one.client))) {
    const own = observations.filter((one) => one.client === client);
    const promises = JSON.stringify(unique(own.map(({ promise }) => promise)));
    byPromises.set(promises, [...(byPromises.get(promises) ?? []), ...own]);
  }
  return [...byPromises.values()].toSorted((one, other) => other.length - one.length);
}

function matrix(observations: readonly Observation[]): readonly string[] {
  const clients = unique(observations.map(({ client }) => client));
  const promises = unique(observations.map(({ promise }) => promise));
  const rows = promises.map((promise) => [
    promise,
    ...clients.map((name) =>
      agreed(
        observations.filter((one) => one.client === name && one.promise === promise),
        ({ state }) => marks[state],
      ),
    ),
  ]);
  return table(["", ...clients], rows);
}

const mistakes = ["missing-key", "missing-bucket", "wrong-secret", "unknown-key-id"] as const;

function reports(observations: readonly Observation[]): readonly string[] {
  const said = observations.filter(({ says, state }) => says !== undefined && state === "passed");
  const rows = unique(said.map(({ client }) => client)).map((name) => [
    name,
    ...mistakes.map((mistake) =>
      agreed(
        said.filter(({ client, step }) => client === name && step === `reports:${mistake}`),
        ({ says = "" }) => `\`${says}\``,
      ),
    ),
  ]);
  return table(["", ...mistakes.map((mistake) => mistake.replaceAll("-", " "))], rows);
}

function reasons(observations: readonly Observation[]): readonly string[] {
  const lines = observations.flatMap(({ client, note, promise }) =>
    note === undefined ? [] : [`- ${client}, ${promise}: ${note}.`],
  );
  return lines.length === 0 ? ["Nothing was skipped."] : [...unique(lines).toSorted(), ""];
}

const introduction = [
  "# Interoperability",
  "",
  "Written by the interop suite from what it saw. To write it anew:",
  "",
  "    HOLDFAST_INTEROP_PAGE=docs/reference/interop.md npm run test:interop && npm run fix",
  "",
  "`HOLDFAST_INTEROP_ENDPOINT`, `HOLDFAST_INTEROP_ACCESS_KEY_ID` and `HOLDFAST_INTEROP_SECRET_ACCESS_KEY`",
  "(and, where they differ from `us-east-1` and `aws`, `HOLDFAST_INTEROP_REGION` and",
  "`HOLDFAST_INTEROP_PROFILE`) point the same suite at any other S3 endpoint.",
  "",
  "A word stands for every status profile unless it names one; a dash is a step that was skipped.",
  "The suite's own signed requests confirm what a client stored, so that a client and a server that",
  "agree on a mistake are not taken for right.",
  "",
] as const;

/** The page of docs/reference: every step, client and report that the run saw, without times or paths. */
export function interopPage(seen: readonly Observation[]): string {
  // Files end in any order; within a client its steps stay in theirs.
  const observations = seen.toSorted((one, other) => compare(one.client, other.client));
  const versions = observations.map(({ client, version }) => [client, version]);
  const rows = unique(versions.map((pair) => JSON.stringify(pair))).map((pair): string[] =>
    JSON.parse(pair),
  );
  const lines = [
    ...introduction,
    ...table(["client", "version"], rows),
    "## What each client was seen doing",
    "",
    ...groups(observations).flatMap(matrix),
    "## What each client reports",
    "",
    ...reports(observations),
    "## What was skipped, and why",
    "",
    ...reasons(observations),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}
