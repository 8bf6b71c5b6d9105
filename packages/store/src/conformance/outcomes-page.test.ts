import { expect, test } from "vitest";
import { calls, otherCalls, type Call } from "./calls.ts";
import type { Results } from "./results.ts";
import { keptResults } from "./kept-results.test.support.ts";
import { situations } from "./situations.ts";

const results = keptResults();
const all: readonly Call[] = [...calls, ...otherCalls];

/** An error's name as code, a result as it is. */
function worded(outcome: string): string {
  return /^[A-Z]/.test(outcome) ? `\`${outcome}\`` : outcome;
}

function isAble({ capabilities }: Results, { needs }: Call): boolean {
  return needs === undefined || capabilities.includes(needs);
}

/** Who is left out of a table, and why. */
function unableLine(call: Call): readonly string[] {
  const unable = results.filter((one) => !isAble(one, call)).map(({ subject }) => subject);
  if (unable.length === 0) return [];
  return [`\`CapabilityNotSupported\` on ${unable.join(" and ")}, without \`${call.needs}\`.`, ""];
}

/** What a call comes to: on its own where all backends agree, else the rule and then who differs. */
function outcomeCell(call: Call, situation: string): string {
  const found = new Map<string, string[]>();
  for (const { subject, outcomes } of results.filter((one) => isAble(one, call))) {
    const outcome = outcomes[call.said]?.[situation];
    if (outcome !== undefined) found.set(outcome, [...(found.get(outcome) ?? []), subject]);
  }
  const [first, ...others] = [...found].toSorted(([, a], [, b]) => b.length - a.length);
  if (first === undefined) return "";
  const differing = others.map(
    ([outcome, subjects]) => `${worded(outcome)} on ${subjects.join(" and ")}`,
  );
  return [worded(first[0]), ...differing].join("; ");
}

function section(operation: string): readonly string[] {
  const ways = all.filter((call) => call.operation === operation);
  const rows = situations.map(({ said }) => {
    const cells = ways.map((call) => ` ${outcomeCell(call, said)} |`);
    return `| ${said} |${cells.join("")}`;
  });
  return [
    `## ${operation}`,
    "",
    ...ways.slice(0, 1).flatMap(unableLine),
    `| at \`path\` |${ways.map(({ said }) => ` \`${said}\` |`).join("")}`,
    `| --- |${ways.map(() => " --- |").join("")}`,
    ...rows,
    "",
  ];
}

test("docs/reference/store-outcomes.md is what happened when each method was called", async () => {
  const operations = [...new Set(all.map(({ operation }) => operation))];
  const backends = results.map(({ subject }) => subject);
  const page = [
    "# What happens when",
    "",
    "Each method of the store in each situation, as it was found on these backends:",
    `${backends.join(", ")}. Made from the results that \`packages/store/conformance-results\` keeps.`,
    "",
    "An outcome in `code` is the class of the error. Where backends differ, the outcome of most comes first. Names in an",
    "object store are flat: a folder is what keys share, so that a file may be written where a folder is or below a file.",
    "",
    "Three files are there at first: `f`, `d/f` and `other`. *done* stands for whatever the method resolves with. A copy or",
    'a move has its path once as the source, with `"new"` as a target where nothing is, and once as the target.',
    "",
    ...operations.flatMap(section),
  ];
  await expect(page.join("\n")).toMatchFileSnapshot("../../../../docs/reference/store-outcomes.md");
});

test("every situation was met on some backend, by every method", () => {
  const unmet = all.flatMap((call) =>
    situations
      .filter(({ said }) => !results.some(({ outcomes }) => outcomes[call.said]?.[said]))
      .map(({ said }) => `${call.said}: ${said}`),
  );
  expect(unmet).toEqual([]);
});
