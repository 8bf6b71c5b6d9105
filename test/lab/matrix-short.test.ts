import { probe, scenarios, type Finding, type SubjectReport, type Verdict } from "@holdfast/lab";
import { beforeAll, expect, test } from "vitest";

const own = "@holdfast/client";
/** Those of the others that this repository has at hand. */
const others = ["@aws-sdk/client-s3", "minio"] as const;

const columns = new Map<string, SubjectReport>();

beforeAll(async () => {
  // Where some are to be seen to hang, that is waited for each time.
  const reports = await Promise.all([
    probe({ subjects: [own], patience: 5 }),
    probe({ subjects: others, patience: 2 }),
  ]);
  for (const { subjects } of reports) {
    for (const column of subjects) columns.set(column.name, column);
  }
}, 600_000);

function findingsOf(name: string): readonly Finding[] {
  return columns.get(name)?.findings ?? [];
}

function verdictOf(name: string, id: string): Verdict | undefined {
  return findingsOf(name).find(({ scenario }) => scenario.id === id)?.verdict;
}

test.each([own, ...others])(
  "%s is asked everything, and each fault that it can meet fires",
  (name) => {
    const found = findingsOf(name);
    const driven = found.filter(({ verdict }) => verdict.is !== "not driven");
    console.log(`${name}: ${driven.length} of ${found.length} driven`);
    expect(found.map(({ scenario }) => scenario.id)).toEqual(scenarios.map(({ id }) => id));
    expect(driven.length).toBeGreaterThan(scenarios.length * 0.9);
    expect(driven.filter(({ verdict }) => verdict.is === "not fired")).toEqual([]);
  },
);

test("our own client says what happened, each time", () => {
  const driven = findingsOf(own).filter(({ verdict }) => verdict.is !== "not driven");
  const divergent = driven.filter(({ verdict }) => verdict.is !== "pass");
  expect(divergent.map(({ scenario, observed }) => [scenario.id, observed])).toEqual([]);
});

test.each([
  ["@aws-sdk/client-s3", "11f", ["loses data", "lies"]],
  ["@aws-sdk/client-s3", "20", ["lies"]],
  ["minio", "15", ["hangs"]],
  ["minio", "18", ["loses data", "lies"]],
  ["minio", "5", ["loses the name"]],
])("%s in %s diverges as it has been seen to: %j", (name, id, how) => {
  expect(verdictOf(name, id)).toEqual({ is: "diverges", how });
});
