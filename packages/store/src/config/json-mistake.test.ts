import * as fc from "fast-check";
import { expect, test } from "vitest";
import { jsonMistake } from "./json-mistake.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const token = /"(?:\\.|[^"\\])*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** Where the first token begins that a change at a place can touch. */
function touchedFrom(text: string, at: number): number {
  const touched = [...text.matchAll(token)].find(({ index, 0: one }) => index + one.length >= at);
  return touched?.index ?? text.length;
}

/** Whether whole tokens of JSON can be followed by others that make JSON of them. */
function couldGoOn(tokens: string): boolean {
  const open: string[] = [];
  for (const [one] of tokens.matchAll(token)) {
    if (one === "{") open.unshift("}");
    else if (one === "[") open.unshift("]");
    else if (one === "}" || one === "]") open.shift();
  }
  const rests = ["", "0", ":0", '"a key that nobody has":0'];
  return rests.some((rest) => isJson(tokens + rest + open.join("")));
}

test("there is no mistake in JSON, with or without white space", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(4), (text, indent) => {
      expect(jsonMistake(text)).toBeUndefined();
      expect(
        jsonMistake(` ${JSON.stringify(JSON.parse(text), null, indent)}\r\n\t`),
      ).toBeUndefined();
    }),
  );
});

test("in JSON with a character too many, too few or changed there is one exactly if it is JSON no more, and not before it", () => {
  const mark = fc.oneof(
    fc.constantFrom(...Array.from('{}[]",:\\0-.eE+ \n\u0001nt')),
    fc.string({ maxLength: 1 }),
  );
  let broken = 0;
  fc.assert(
    fc.property(fc.json(), fc.nat(), mark, fc.boolean(), (...[text, anywhere, added, replaces]) => {
      const at = anywhere % (text.length + 1);
      const changed = text.slice(0, at) + added + text.slice(at + (replaces ? 1 : 0));
      const mistake = jsonMistake(changed);
      if (isJson(changed)) {
        // A key may have come to be another's.
        fc.pre(mistake === undefined);
        return;
      }
      broken += 1;
      if (mistake === undefined) throw new Error("no mistake was found");
      expect(mistake).toBeGreaterThanOrEqual(touchedFrom(text, at));
      expect(couldGoOn(changed.slice(0, mistake))).toBe(true);
    }),
    { numRuns: 3000 },
  );
  expect(broken).toBeGreaterThan(500);
});

test.each([
  ["", 0],
  ["{", 1],
  ['{"a":1,}', 7],
  ["[1 2]", 3],
  ['{"a":"\n"}', 5],
  ['{"a":1,"b":{"a":1,"\\u0061":2}}', 18],
  ["[] []", 3],
  ["// no\n{}", 0],
  ["[01]", 2],
  ["[nul]", 1],
  ["[1}", 2],
])("the mistake in %j is at %d", (text, offset) => {
  expect(jsonMistake(text)).toBe(offset);
});

test("a text that is nested as deeply as a file allows is scanned", () => {
  const deep = 2 ** 19;
  expect(jsonMistake("[".repeat(deep) + "]".repeat(deep))).toBeUndefined();
  expect(jsonMistake("[".repeat(deep))).toBe(deep);
});
