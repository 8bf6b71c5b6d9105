import * as fc from "fast-check";
import { expect, test } from "vitest";
import { didYouMean, nearest } from "./nearest.ts";

const known = ["data", "listen", "statusProfile", "region", "buckets"];

test("a known name is nearest to itself, in any case", () => {
  fc.assert(
    fc.property(fc.constantFrom(...known), (name) => {
      expect(nearest(name, known)).toBe(name);
      expect(nearest(name.toUpperCase(), known)).toBe(name);
    }),
  );
});

test("one wrong, missing or added letter still finds the name", () => {
  const edit = fc.constantFrom(
    (name: string, at: number) => `${name.slice(0, at)}${name.slice(at + 1)}`,
    (name: string, at: number) => `${name.slice(0, at)}#${name.slice(at)}`,
    (name: string, at: number) => `${name.slice(0, at)}#${name.slice(at + 1)}`,
  );
  fc.assert(
    fc.property(fc.constantFrom(...known), fc.nat(3), edit, (name, at, mistype) => {
      expect(nearest(mistype(name, at), known)).toBe(name);
    }),
  );
});

test("a name that is like no other suggests nothing, however long it is", () => {
  expect(nearest("quota", known)).toBeUndefined();
  expect(nearest("", known)).toBeUndefined();
  expect(didYouMean("x".repeat(1_000_000), known)).toBe("");
});
