import * as fc from "fast-check";
import { expect, test } from "vitest";
import { interpolate } from "./interpolate.ts";

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
/** Values that would be references themselves, if anybody looked at them again. */
const value = fc.oneof(
  fc.string(),
  fc.constantFrom("$$", "${A}", "${A:-b}", "$", "${", "$&", "$1"),
);
const fallback = fc.string().map((text) => text.replaceAll("}", ""));

/** A part of a text, as a writer means it. */
const part = fc.oneof(
  fc.record({ is: fc.constant("text" as const), text: fc.string() }),
  fc.record({ is: fc.constant("dollar" as const) }),
  fc.record({ is: fc.constant("variable" as const), name }),
  fc.record({ is: fc.constant("default" as const), name, fallback }),
);
type Part = typeof part extends fc.Arbitrary<infer P> ? P : never;

function written(one: Part): string {
  switch (one.is) {
    case "text":
      return one.text.replaceAll("$", "$$$$");
    case "dollar":
      return "$$";
    case "variable":
      return `\${${one.name}}`;
    case "default":
      return `\${${one.name}:-${one.fallback}}`;
  }
}

function meant(one: Part, environment: ReadonlyMap<string, string>): string | undefined {
  if (one.is === "text") return one.text;
  if (one.is === "dollar") return "$";
  const set = environment.get(one.name);
  if (set !== undefined && set !== "") return set;
  return one.is === "default" ? one.fallback : undefined;
}

test("each part of a text becomes what it means, once, and a variable that is not set is named", () => {
  const environments = fc.array(fc.tuple(name, value)).map((pairs) => new Map(pairs));
  fc.assert(
    fc.property(fc.array(part), environments, (parts, environment) => {
      // Most names that are used are set.
      for (const one of parts) {
        if ("name" in one && one.name.length % 4 !== 0)
          environment.set(one.name, `${one.name}$$\${A}`);
      }
      const said = parts.map((one) => meant(one, environment));
      const result = interpolate(parts.map(written).join(""), Object.fromEntries(environment));
      const missing = parts.find((one, index) => said[index] === undefined);
      if (missing === undefined || !("name" in missing)) {
        expect(result).toEqual({ text: said.join("") });
      } else {
        const problem = `needs the environment variable ${missing.name}, which is not set`;
        expect(result).toEqual({ problem });
      }
    }),
    { numRuns: 2000 },
  );
});

test.each(["${", "a${", "${}", "${A", "${1A}", "${A-b}", "${A B}", "${ä}", "${A:b}", "${${A}}"])(
  "%j is no reference and no text",
  (text) => {
    expect(interpolate(text, { A: "a" })).toEqual({
      problem: "has a ${ that begins no ${NAME}: write $${ where it is meant as text",
    });
  },
);

test.each([
  ["$A and $", "$A and $"],
  ["$${A}", "${A}"],
  ["$$${A}", "$a"],
  ["${EMPTY:-}", ""],
  ["${EMPTY:-${A}", "${A"],
])("%j becomes %j", (text, filled) => {
  expect(interpolate(text, { A: "a", EMPTY: "" })).toEqual({ text: filled });
});

test("what an environment inherits is not set", () => {
  for (const inherited of ["constructor", "__proto__", "toString"]) {
    const environment: Record<string, string> = Object.create({ inherited: "x" });
    expect(interpolate(`\${${inherited}}`, environment)).toHaveProperty("problem");
    expect(interpolate("${inherited}", environment)).toHaveProperty("problem");
  }
});
