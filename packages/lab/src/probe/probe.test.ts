import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { scenarios as allScenarios } from "../scenarios/scenarios.ts";
import type { Action } from "./action.ts";
import { probe } from "./probe.ts";
import { divergences, type Finding, type Report } from "./report.ts";
import type { Scenario, Target } from "./scenario.ts";

/** As it was built: Node runs no source. */
const badSubject = fileURLToPath(
  new URL("../../dist/probe/bad-subject.test.support.js", import.meta.url),
);

const missing: Target = { told: ["NoSuchKey"], withinMs: 3000 };

function scenario(id: string, action: Action, parts: Partial<Scenario> = {}): Scenario {
  const common = { origin: "fault", title: id, arranged: {}, target: missing, why: "" } as const;
  return { id, action, ...common, ...parts };
}

const read = (key: string, parts: Partial<Scenario> = {}): Scenario =>
  scenario(key, { do: "get", key }, parts);

const broken = (key: string): Scenario =>
  scenario(
    key,
    { do: "upload", key, bytes: 200_000, failAt: 150_000 },
    { target: { told: ["ECONNRESET"], stored: { [key]: "absent" } } },
  );

const bad: readonly (readonly [Scenario, verdict: unknown])[] = [
  [read("lies"), ["lies"]],
  [read("hangs"), ["hangs"]],
  [read("blocks"), ["hangs"]],
  [read("dies"), ["dies"]],
  [read("dies late"), ["dies"]],
  [read("misnames"), ["misnames"]],
  [read("loses the name"), ["loses the name"]],
  [
    read("wrong bytes", {
      arranged: { objects: { "wrong bytes": 100 } },
      target: { succeeds: true },
    }),
    ["loses data"],
  ],
  [
    read("asks again", {
      arranged: { objects: { "asks again": 100 } },
      target: { succeeds: true, requests: [1, 1] },
    }),
    ["retries wrongly"],
  ],
  [
    scenario(
      "acknowledged",
      { do: "put", key: "acknowledged", bytes: 10 },
      { target: { succeeds: true, stored: { acknowledged: 10 } } },
    ),
    ["loses data"],
  ],
  [
    scenario(
      "other bytes",
      { do: "put", key: "other bytes", bytes: 5 },
      { target: { succeeds: true, stored: { "other bytes": 5 } } },
    ),
    ["loses data"],
  ],
  [broken("truncated"), ["loses data"]],
  [broken("parts"), ["leaves parts"]],
  [read("unsupported"), "it has no such call"],
  [scenario("copy", { do: "copy", key: "a", source: "b" }), "it has no call for copy"],
  [
    read("misnames again", {
      arranged: { faults: [{ operation: "PutObject", reset: true }] },
    }),
    [1],
  ],
  [
    read("forbidden", { arranged: { caller: "wrong-secret" }, action: { do: "get", key: "lies" } }),
    [0],
  ],
];

function said({ verdict }: Finding): unknown {
  switch (verdict.is) {
    case "pass":
      return "pass";
    case "diverges":
      return verdict.how;
    case "not driven":
      return verdict.reason;
    case "not fired":
      return verdict.faults;
  }
}

describe("a subject that does everything wrong", async () => {
  const report = await probe({ subjects: [badSubject], scenarios: bad.map(([one]) => one) });
  const findings = report.subjects[0]?.findings ?? [];

  test.each(bad.map(([{ id }, verdict], at) => [id, verdict, at] as const))(
    "is found out: %s",
    (_id, verdict, at) => {
      const finding = findings[at];
      if (finding === undefined) throw new TypeError("there is no such finding");
      expect(said(finding)).toEqual(verdict);
    },
  );

  test("shows every divergence there is", () => {
    const found = findings.flatMap(({ verdict }) => (verdict.is === "diverges" ? verdict.how : []));
    expect(new Set(found)).toEqual(new Set(divergences));
  });

  test("says by which failure its process ended, and what was stored", () => {
    const of = (id: string): Finding | undefined => findings.find((one) => one.scenario.id === id);
    expect(of("dies")?.told).toEqual({ outcome: "died", how: "uncaught EUNCAUGHT" });
    expect(of("dies late")?.told).toEqual({ outcome: "died", how: "exit code 3" });
    expect(of("truncated")?.stored).toEqual({ truncated: 131_072 + 18_928 });
    expect(of("parts")?.openUploads).toBe(1);
  });
});

test("what is not installed is not driven and says so", async () => {
  const subjects = ["./no-such-module.mjs", "nobody"];
  const report = await probe({ subjects, scenarios: [read("a")] });
  for (const { findings } of report.subjects) expect(findings[0]?.verdict.is).toBe("not driven");
  expect(report.subjects.map(({ name }) => name)).toEqual(subjects);
});

test("a subject's process does not outlive who asked it", async () => {
  const child = fork(fileURLToPath(new URL("../../dist/probe/child.js", import.meta.url)), [], {
    execArgv: [],
  });
  child.send({ do: "load", subject: badSubject });
  await once(child, "message");
  const settings = { endpoint: "http://127.0.0.1", region: "r", bucket: "b", handedOut: [] };
  child.send({ do: "act", action: { do: "get", key: "waits" }, settings });
  child.disconnect();
  expect(await once(child, "exit")).toEqual([0, null]);
});

const withoutDate = (report: Report): unknown => ({ ...report, date: undefined });

test("a subject that takes its time hangs, unless the probe is told to have patience", async () => {
  const target = { ...missing, withinMs: 300 };
  const one = { subjects: [badSubject], scenarios: [read("takes its time", { target })] };
  const [hasty, patient] = [await probe(one), await probe({ ...one, patience: 100 })];
  expect(hasty.subjects[0]?.findings[0]?.verdict).toEqual({ is: "diverges", how: ["hangs"] });
  expect(patient.subjects[0]?.findings[0]?.verdict).toEqual({ is: "pass" });
});

test("what a subject wrote that had to be ended is taken away", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-litter-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  vi.stubEnv("TMPDIR", directory);
  onTestFinished(() => void vi.unstubAllEnvs());
  const report = await probe({ subjects: [badSubject], scenarios: [read("litters")] });
  expect(report.subjects[0]?.findings[0]?.verdict).toEqual({ is: "diverges", how: ["hangs"] });
  await expect.poll(() => readdir(directory)).toEqual([]);
});

test("two runs with one seed give the same report", async () => {
  const subjects = ["@holdfast/client", "@holdfast/store"];
  const chancy = new Set(["a", "b", "4/refreshed", "9", "12/each", "20", "22", "latency", "part", "probability"]); // prettier-ignore
  const scenarios = allScenarios.filter(({ id }) => chancy.has(id));
  expect(scenarios).toHaveLength(chancy.size);
  const short = { subjects: [badSubject], scenarios: bad.map(([one]) => one), seed: 7 };
  const runs = [{ subjects, scenarios, seed: 7 }, short].flatMap((one) => [one, one]);
  const reports = await Promise.all(runs.map((one) => probe({ ...one, patience: 3 })));
  const [first, second, third, fourth] = reports.map(withoutDate);
  expect([second, fourth]).toEqual([first, third]);
}, 300_000);
