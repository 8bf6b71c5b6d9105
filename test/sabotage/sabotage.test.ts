import { describe, expect, inject, test } from "vitest";
import type { Defect } from "./defect.ts";
import { defects } from "./defects.ts";
import { plant } from "./plant.ts";
import { type Outcome, runTests, type Selection } from "./run-tests.ts";

const rows = [...new Set(defects.map(({ row }) => row))];
const { copy, missing } = inject("sabotage");

const absence = ({ client }: Defect): string | undefined => client && missing[client];

function selectionOf({ client, tests, only }: Defect): Selection {
  const config = client === undefined ? "vitest.config.ts" : "test/interop/vitest.config.ts";
  return { config, files: tests, only, bail: true };
}

/** Defects whose tests can share a run: of one suite, and all of them filtered or none. */
const suiteOf = (defect: Defect): string =>
  `${selectionOf(defect).config} ${defect.only === undefined ? "whole files" : "some tests"}`;

const soundOutcomes = new Map<string, Promise<Outcome>>();

/** What every test of a suite that some defect needs comes to where there is no defect. */
function soundOutcome(suite: string, { config, only }: Selection): Promise<Outcome> {
  const needed = defects.filter(
    (defect) => suiteOf(defect) === suite && absence(defect) === undefined,
  );
  const files = [...new Set(needed.flatMap(({ tests }) => tests))];
  const any = only && needed.map((defect) => `(?:${defect.only})`).join("|");
  const outcome =
    soundOutcomes.get(suite) ?? runTests(copy, { config, files, only: any, bail: false });
  soundOutcomes.set(suite, outcome);
  return outcome;
}

/** What the tests of a defect come to while it is there. */
async function outcomeWith(defect: Defect): Promise<Outcome> {
  const restore = plant(copy, defect);
  try {
    return await runTests(copy, selectionOf(defect));
  } finally {
    restore();
  }
}

describe("the judge", () => {
  const harmless: Defect = {
    row: "signing",
    name: "a comment",
    file: "packages/protocol/src/etag.ts",
    find: 'return `"${etag}"`;',
    replace: 'return `"${etag}"`; // in quotes',
    tests: ["packages/protocol/src/etag.test.ts"],
  };

  test("sees nothing where nothing is wrong", async () => {
    const { passed, ...rest } = await outcomeWith(harmless);
    expect(rest).toEqual({ failed: [], broken: [] });
    expect(passed).toBeGreaterThan(0);
  });

  test("does not take what cannot be compiled or loaded for a defect that was noticed", async () => {
    for (const replace of ["return etag.length;", "return etag)"]) {
      const { failed, broken } = await outcomeWith({ ...harmless, replace });
      expect({ failed, broken: broken.length }).toEqual({ failed: [], broken: 1 });
    }
    const outcome = await outcomeWith({
      ...harmless,
      file: "test/arrows.test.ts",
      find: 'from "vitest"',
      replace: 'from "./no-vitest.ts"',
      tests: ["test/arrows.test.ts"],
    });
    expect(outcome).toEqual({ passed: 0, failed: [], broken: [expect.any(String)] });
  });

  test("refuses a defect whose test is gone, or whose place is gone or not the only one", () => {
    expect(() => plant(copy, { ...harmless, tests: ["no.test.ts"] })).toThrow("no no.test.ts");
    expect(() => plant(copy, { ...harmless, find: "no such words" })).toThrow("stands 0 times");
    expect(() => plant(copy, { ...harmless, find: "etag" })).toThrow(/stands \d\d times/);
  });
});

describe.each(rows)("%s", (row) => {
  const own = defects
    .filter((defect) => defect.row === row)
    .map((defect) => [defect.name, defect] as const);
  test.for(own)("%s is seen", async ([, defect], { annotate, skip }) => {
    const reason = absence(defect);
    if (reason !== undefined) skip(reason);
    const selection = selectionOf(defect);
    // A suite that is red already would prove nothing.
    const sound = await soundOutcome(suiteOf(defect), selection);
    expect(sound).toMatchObject({ failed: [], broken: [] });
    const { failed, broken } = await outcomeWith(defect);
    // What does not even compile is seen by everybody.
    expect(broken).toEqual([]);
    expect(failed, "the tests that noticed the defect").not.toEqual([]);
    await annotate(failed.join("\n"), "noticed by");
  });
});
