import * as fc from "fast-check";
import { expect, test } from "vitest";
import { asHeaderValue } from "./presigned.ts";

test("a parameter's value is the header's: its bytes, without white space at its ends", () => {
  const piece = fc.constantFrom(" ", "\t", "a", "ü", "\u00a0", "\n");
  const property = fc.property(fc.array(piece), (pieces) => {
    const bytes = Buffer.from(pieces.join("")).toString("latin1");
    expect(asHeaderValue(pieces.join(""))).toBe(bytes.replaceAll(/^[ \t]+|[ \t]+$/g, ""));
  });
  fc.assert(property);
});

test("white space in the middle, however much, is gone over once, before anyone knows who asks", () => {
  const value = `a${" ".repeat(200_000)}a`;
  const before = process.cpuUsage();
  expect(asHeaderValue(value)).toHaveLength(value.length);
  const { user } = process.cpuUsage(before);
  // In microseconds: going over it once for each character of it takes tens of seconds.
  expect(user).toBeLessThan(2_000_000);
});
