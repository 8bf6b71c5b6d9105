import * as fc from "fast-check";
import { expect, test } from "vitest";
import { namePattern, pathPattern } from "./glob.ts";

test.each([
  ["*.csv", ["a.csv", ".csv"], ["a.csv.gz", "a.CSV"]],
  ["a?c", ["abc", "a🗝c"], ["ac", "abbc"]],
  ["[a-c]x", ["ax", "cx"], ["dx", "-x"]],
  ["[!a-c]x", ["dx", "!x"], ["ax"]],
  ["[]]x", ["]x"], ["x"]],
  ["[-a]x", ["-x", "ax"], ["bx"]],
  ["[ax", ["[ax"], ["a"]],
  ["a*b*c", ["abc", "aXbYc", "abbcc"], ["acb", "ab"]],
  ["(.+)^$|{1}", ["(.+)^$|{1}"], ["a"]],
  ["\\*", ["\\", "\\x"], ["*"]],
])("the pattern %s matches %j and not %j", (pattern, matching, others) => {
  const matches = namePattern(pattern);
  for (const name of matching) expect([name, matches(name)]).toEqual([name, true]);
  for (const name of others) expect([name, matches(name)]).toEqual([name, false]);
});

test.each([
  ["**/*.ts", ["a.ts", "b/a.ts", "b/c/a.ts"], ["a.js", "a.ts/b"]],
  ["a/**", ["a/b", "a/b/c"], ["b"]],
  ["a/**/b/*", ["a/b/c", "a/x/y/b/c"], ["a/b", "a/b/c/d"]],
  ["*/b", ["a/b"], ["b", "a/a/b"]],
])("the glob %s matches %j and not %j", (pattern, matching, others) => {
  const glob = pathPattern(pattern);
  for (const path of matching) expect([path, glob.matches(path)]).toEqual([path, true]);
  for (const path of others) expect([path, glob.matches(path)]).toEqual([path, false]);
});

test("only the folder is looked at that every match is in, and as deep as a match can be", () => {
  const lookedAt = (pattern: string): readonly unknown[] => {
    const { folder, recursive } = pathPattern(pattern);
    return [folder, recursive];
  };
  expect(lookedAt("a/b/*.c")).toEqual(["a/b", false]);
  expect(lookedAt("a/*/c")).toEqual(["a", true]);
  expect(lookedAt("a/b/c")).toEqual(["a/b", false]);
  expect(lookedAt("**")).toEqual(["", true]);
  expect(lookedAt("*")).toEqual(["", false]);
});

test("names without a pattern match themselves alone, and a hostile pattern takes no time", () => {
  const plain = fc.string().filter((name) => !/[*?[]/.test(name));
  fc.assert(
    fc.property(plain, plain, (one, other) => {
      expect(namePattern(one)(other)).toBe(one === other);
    }),
  );
  const began = performance.now();
  expect(namePattern("*a".repeat(200))("a".repeat(2000) + "b")).toBe(false);
  expect(performance.now() - began).toBeLessThan(2000);
});
