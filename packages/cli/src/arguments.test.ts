import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";
import { ConfigError } from "./config/config-error.ts";

test("options are read in either form and any place, and the last of a repeated one counts", () => {
  expect(
    parseArguments(["--data", "a", "serve", "--json", "--listen=[::1]:0", "--data=-b"]),
  ).toEqual({
    command: "serve",
    flags: new Map([
      ["data", "-b"],
      ["listen", "[::1]:0"],
    ]),
    json: true,
  });
});

test.each([["--help"], ["-h"], ["serve", "--help"], ["--bogus", "--help"]])(
  "%j asks for help",
  (...args) => {
    expect(parseArguments(args)).toEqual({ command: "help" });
  },
);

test.each([
  [[], "A command is missing"],
  [["sevre"], '"sevre" is not a command: did you mean serve;'],
  [["serve", "now"], 'serve takes no "now"'],
  [["serve", "--dta", "x"], 'serve has no option "--dta": did you mean --data;'],
  [["serve", "--__proto__=x"], "serve has no option"],
  [["serve", "-x"], 'serve has no option "-x"'],
  [["serve", "--data"], "--data needs a value"],
  [["serve", "--data", "--json"], "--data needs a value"],
  [["serve", "--json=yes"], "--json takes no value"],
  [["serve", "--no-json"], "serve has no option"],
  [["env", "--json"], 'env has no option "--json"'],
  [["doctor", "--region", "x"], 'doctor has no option "--region"'],
  [["serve", "--", "--data"], 'serve takes no "--data"'],
])("%j is refused and says why", (args, message) => {
  expect(() => parseArguments(args)).toThrow(message);
  expect(() => parseArguments(args)).toThrow(ConfigError);
});

test("no command line fails otherwise than by a refusal", () => {
  const word = fc.oneof(
    fc.constantFrom("serve", "env", "--data", "--json", "--", "-", "--=", "--data="),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (args) => {
      expect(["invocation", "refusal"]).toContain(outcome(args));
    }),
  );
});

function outcome(args: readonly string[]): unknown {
  try {
    parseArguments(args);
    return "invocation";
  } catch (error) {
    return error instanceof ConfigError ? "refusal" : error;
  }
}
