import * as fc from "fast-check";
import { expect, test } from "vitest";
import { options, operands } from "./admin/named-arguments.ts";
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
  [["credential", "--help"], "credential"],
  [["credential", "create", "-h", "--bogus"], "credential create"],
  [["credential", "crate", "--help"], "credential"],
])("%j asks for help on %j", (args, topic) => {
  expect(parseArguments(args)).toEqual({ command: "help", topic });
});

test("a command of two words takes operands by their place and options by their names", () => {
  const line = "quota set uploads --hard 10GiB --soft=8GiB --json --data there";
  const invocation = parseArguments(line.split(" "));
  expect(invocation).toMatchObject({ command: "admin", asked: { name: "quota set" }, json: true });
  if (invocation.command !== "admin") throw new Error("another command");
  const { given, flags } = invocation;
  expect(given.required(operands.bucket)).toBe("uploads");
  expect(given.optional(options.hard)).toBe(10 * 1024 ** 3);
  expect(given.required(options.soft)).toBe(8 * 1024 ** 3);
  expect(given.optional(options.prefix)).toBeUndefined();
  expect(flags.get("data")).toBe("there");
});

test.each([
  [["quota", "set"], operands.bucket, "BUCKET is missing: write holdfast quota set BUCKET ["],
  [["quota", "set", "A"], operands.bucket, 'BUCKET is "A": it must be a bucket\'s name.'],
  [["credential", "create"], options.tenant, "--tenant is missing: write holdfast credential cre"],
  [["credential", "create", "--verbs", "read,rite"], options.verbs, "some of read, write, list"],
  [["credential", "create", "--verbs", "read,read"], options.verbs, "it must be some of"],
  [["credential", "create", "--verbs", ""], options.verbs, '--verbs is ""'],
  [["credential", "create", "--expires", "30"], options.expires, "such as 30d, 12h, 45m or 2w"],
  [["credential", "create", "--expires", "0d"], options.expires, '--expires is "0d"'],
  [["credential", "create", "--expires", "30x"], options.expires, '--expires is "30x"'],
  [["quota", "set", "a-b", "--hard", "10"], options.hard, "a size with its unit"],
  [["quota", "set", "a-b", "--hard", "10XB"], options.hard, "such as 8GiB, 500MB or 1024B"],
  [["quota", "set", "a-b", "--hard", "0.3B"], options.hard, '--hard is "0.3B"'],
  [["anonymous", "allow", "a-b", "--rps", "0"], options.requestsPerSecond, "a number above 0"],
  [["anonymous", "allow", "a-b", "--rps", "much"], options.requestsPerSecond, '"much"'],
])("%j is refused and says why", (args, argument, message) => {
  const invocation = parseArguments(args);
  if (invocation.command !== "admin") throw new Error("another command");
  const read = (): unknown => invocation.given.required<unknown>(argument);
  expect(read).toThrow(message);
  expect(read).toThrow(ConfigError);
});

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
  [["serve", "--tenant", "x"], 'serve has no option "--tenant"'],
  [["credential"], "credential says not what to do: give one of create, list, show"],
  [["credential", "crete"], '"credential crete" is not a command: did you mean create;'],
  [["credentail", "create"], '"credentail" is not a command: did you mean credential;'],
  [["tenant", "list", "acme"], 'tenant list takes no "acme": write holdfast tenant list'],
  [["tenant", "list", "--tenant", "x"], 'tenant list has no option "--tenant"'],
  [["quota", "set", "x", "--hrad", "1GiB"], 'no option "--hrad": did you mean --hard;'],
  [["quota", "set", "x", "--hard"], "--hard needs a value"],
  [["quota", "set", "x", "--listen", "x"], 'quota set has no option "--listen"'],
])("%j is refused and says why", (args, message) => {
  expect(() => parseArguments(args)).toThrow(message);
  expect(() => parseArguments(args)).toThrow(ConfigError);
});

test("no command line fails otherwise than by a refusal", () => {
  const word = fc.oneof(
    fc.constantFrom("serve", "env", "--data", "--json", "--", "-", "--=", "--data="),
    fc.constantFrom("credential", "create", "quota", "set", "--tenant", "--hard", "--tenant=x"),
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
