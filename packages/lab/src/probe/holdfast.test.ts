import { expect, test } from "vitest";
import { scenarios } from "../scenarios/scenarios.ts";
import { probe } from "./probe.ts";
import type { SubjectReport } from "./report.ts";

/** What neither has a call for, and why that is right. */
const undriven: Readonly<Record<string, string>> = {
  "@holdfast/client e": "it knows keys and no folders",
  "@holdfast/store 8": "a store has no such condition",
};

function shortOf({ name, findings }: SubjectReport): readonly string[] {
  return findings
    .filter(({ verdict }) => verdict.is !== "pass")
    .map(({ scenario, verdict, observed }) => {
      const known = verdict.is === "not driven" && `${name} ${scenario.id}` in undriven;
      return known
        ? `${name} ${scenario.id}`
        : `${name} ${scenario.id}: ${JSON.stringify(verdict)} ${observed}`;
    });
}

test("Holdfast's client and store pass every scenario that they can be driven in", async () => {
  const subjects = ["@holdfast/client", "@holdfast/store"];
  const report = await probe({ subjects, scenarios, concurrency: 2, patience: 5 });
  for (const { name, findings } of report.subjects) {
    const passed = findings.filter(({ verdict }) => verdict.is === "pass").length;
    console.log(`${name}: ${passed} of ${findings.length} scenarios passed`);
  }
  expect(report.subjects.flatMap(shortOf)).toEqual(Object.keys(undriven));
  expect(JSON.stringify(report)).not.toMatch(/which.is.no.secret|the secret of|not the secret/);
  const audit = report.subjects[1]?.findings.filter(({ scenario }) => scenario.origin === "audit");
  expect(audit?.map(({ verdict }) => verdict.is)).toEqual(audit?.map(() => "pass"));
  expect(new Set(audit?.map(({ scenario }) => scenario.id[0]))).toEqual(new Set("abcde"));
}, 600_000);
