import { expect, test } from "vitest";
import { answerSchema, documents } from "../faults/answer.ts";
import { checkFault, faultWords } from "../faults/fault.ts";
import { scenarios } from "./scenarios.ts";
import { scenariosPage } from "./scenarios-page.test.support.ts";

const faults = scenarios.flatMap(({ arranged }) => arranged.faults ?? []);

test("there are at least 60, each with an id of its own", () => {
  const ids = scenarios.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(60);
});

test("the audit's five come first, at its sizes", () => {
  const audit = scenarios.filter(({ origin }) => origin === "audit");
  expect(scenarios.slice(0, audit.length)).toEqual(audit);
  expect(new Set(audit.map(({ id }) => id[0]))).toEqual(new Set("abcde"));
  const sizes = audit.flatMap(({ action }) => ("failAt" in action ? [action.failAt] : []));
  expect(sizes).toEqual([6_291_456, 57_671_680]);
});

test("every situation that clients were measured in is one of them", () => {
  const numbered = Array.from({ length: 23 }, (_, n) => String(n + 1));
  const lettered = "5b 10b 10c 11b 11c 11d 11e 11f 12b 12c 23b".split(" ");
  const measured = numbered.concat(lettered);
  const asked = scenarios.filter(({ origin }) => origin === "measured");
  const ids = new Set(asked.map(({ id }) => id));
  expect(measured.filter((one) => !ids.has(one))).toEqual([]);
});

test("each can come out in more than one way, and says what is right", () => {
  const vague = scenarios.filter(({ target }) => {
    const { told, succeeds } = target;
    return told === undefined && succeeds !== true && !Object.hasOwn(target, "value");
  });
  expect(vague.map(({ id }) => id)).toEqual([]);
  const wordless = scenarios.filter(({ title, why }) => title === "" || !why.endsWith("."));
  expect(wordless.map(({ id }) => id)).toEqual([]);
});

test("each fault can be carried out", () => {
  for (const fault of faults) expect(() => checkFault(fault)).not.toThrow();
});

function unused(words: readonly string[], used: readonly object[]): readonly string[] {
  return words.filter((word) => !used.some((one) => Object.hasOwn(one, word)));
}

test("every word of a fault, and every kind of document, is used by one of them", () => {
  const answers = faults.flatMap(({ then }) => then ?? []);
  expect(unused(faultWords, faults)).toEqual([]);
  expect(unused(Object.keys(answerSchema.entries), answers)).toEqual([]);
  const shown = new Set(answers.map(({ document }) => document));
  expect(documents.filter((one) => !shown.has(one))).toEqual([]);
});

test("a word of a fault that no scenario uses is found", () => {
  expect(unused([...faultWords, "meteor"], faults)).toEqual(["meteor"]);
});

test("docs/reference/scenarios.md is the table of scenarios", async () => {
  const page = "../../../../docs/reference/scenarios.md";
  await expect(scenariosPage(scenarios)).toMatchFileSnapshot(page);
});
