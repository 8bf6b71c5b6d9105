import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatByteCount, parseByteCount } from "./byte-count.ts";

test.each([
  ["0B", 0],
  ["1024B", 1024],
  ["8GiB", 8 * 1024 ** 3],
  ["8 GiB", 8 * 1024 ** 3],
  ["1.5KiB", 1536],
  ["500MB", 500_000_000],
  ["1PiB", 1024 ** 5],
  ["8PiB", undefined],
  ["1", undefined],
  ["GiB", undefined],
  ["-1GiB", undefined],
  ["1gib", undefined],
  ["1Gib", undefined],
  ["1e3B", undefined],
  ["0.1B", undefined],
  ["9007199254740992B", undefined],
])("%s is %s bytes", (text, count) => {
  expect(parseByteCount(text)).toBe(count);
});

test("a whole number of a unit is shown as it was written", () => {
  const unit = fc.constantFrom("B", "KiB", "MiB", "GiB", "TiB");
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1023 }), unit, (number, name) => {
      expect(formatByteCount(parseByteCount(`${number}${name}`) ?? 0)).toBe(`${number} ${name}`);
    }),
  );
});
