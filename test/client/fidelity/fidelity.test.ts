import { afterAll, expect, test } from "vitest";
import { fidelityPage } from "./fidelity-page.ts";
import { openHoldfastSubject } from "./holdfast-subject.ts";
import { judge, type Observation } from "./judge.ts";
import { observe } from "./observe.ts";
import type { Expected, Situation } from "./situation.ts";
import { situations } from "./situations.ts";

const seen = new Map<Situation, Observation>();
let right = 0;

test.each(situations)("$id: $done is told right under $arranged", async (situation) => {
  const observation = await observe(situation, openHoldfastSubject);
  seen.set(situation, observation);
  expect(judge(situation.expected, observation)).toEqual([]);
  right += 1;
});

test("of each situation it was told what was asked, each request that was sent, and how it ended", () => {
  const untold = [...seen].filter(([{ endpoint }, { told, requests }]) => {
    const count = (type: string): number => told.filter((one) => isEvent(one, type)).length;
    // An error may follow a response: one of the bytes being read.
    const ended = new Set(told.filter(isEnd).map(idOf)).size;
    // Where no server was found, none can count.
    const sent = endpoint === undefined ? requests : count("attempt");
    return count("request") === 0 || count("request") !== ended || count("attempt") !== sent;
  });
  expect(untold.map(([{ id }]) => id)).toEqual([]);
});

test("nothing that is expected could be otherwise unnoticed", () => {
  const unnoticed = [...seen].flatMap(([{ id, expected }, observation]) =>
    perturbed(expected)
      .filter(([, other]) => judge(other, observation).length === 0)
      .map(([respect]) => `${id}: ${respect}`),
  );
  expect(seen.size).toBe(situations.length);
  expect(unnoticed).toEqual([]);
});

test("docs/reference/fidelity.md is the table of situations", async () => {
  const page = "../../../docs/reference/fidelity.md";
  await expect(fidelityPage(situations)).toMatchFileSnapshot(page);
});

afterAll(() => {
  const lines = [...seen].map(([{ id }, { outcome, requests, gaps, elapsedMs }]) => {
    const waits = gaps.map((gap) => gap.toFixed(0)).join("+");
    return `${id.padEnd(14)} ${shown(outcome).padEnd(64)} ${requests} req  ${waits.padEnd(10)} ${elapsedMs.toFixed(0)} ms`;
  });
  console.log(
    `${lines.join("\n")}\nfidelity: ${right} of ${situations.length} situations told right`,
  );
});

function isEnd(told: unknown): boolean {
  return isEvent(told, "response") || isEvent(told, "error");
}

function idOf(told: unknown): unknown {
  return typeof told === "object" && told !== null && "id" in told ? told.id : undefined;
}

function isEvent(told: unknown, type: string): boolean {
  return typeof told === "object" && told !== null && "type" in told && told.type === type;
}

function shown(outcome: Observation["outcome"]): string {
  if (outcome === "hung") return outcome;
  if ("value" in outcome) return `ok ${JSON.stringify(outcome.value)?.slice(0, 40)}`;
  const { class: name, code, status = "-", retryable } = outcome.failure;
  return `${name} ${code} ${status} ${retryable ? "retryable" : "final"}`;
}

type Perturbed = readonly [respect: string, expected: Expected];

/** Each expectation of a situation by itself, turned into another. */
function perturbed(expected: Expected): readonly Perturbed[] {
  const { failure, requests, gaps, delays, cause } = expected;
  const others: Perturbed[] = Object.entries(failure ?? {}).map(([name, value]) => [
    name,
    { ...expected, failure: { ...failure, [name]: another(value) } },
  ]);
  others.push(["requests", { ...expected, requests: requests + 1 }]);
  others.push(["elapsed", { ...expected, withinMs: -1 }]);
  if (gaps !== undefined) {
    others.push(["gaps", { ...expected, gaps: gaps.map(() => [60_000, 60_001] as const) }]);
  }
  if (delays !== undefined) {
    others.push(["delays", { ...expected, delays: delays.map(() => [60_000, 60_001] as const) }]);
  }
  if (cause !== undefined) others.push(["cause", { ...expected, cause: new Error("another") }]);
  if (failure === undefined)
    others.push(["value", { ...expected, value: another(expected.value) }]);
  else others.push(["outcome", { requests, value: undefined }]);
  return others;
}

function another(value: unknown): unknown {
  return typeof value === "boolean" ? !value : `not ${String(value)}`;
}
