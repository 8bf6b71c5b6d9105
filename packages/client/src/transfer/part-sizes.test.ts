import { assert, integer, maxSafeInteger, property } from "fast-check";
import { expect, test } from "vitest";
import { WireFailure } from "../errors/wire-failure.ts";
import { partSizes, partsMax } from "./part-sizes.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const mebibyte = 2 ** 20;
const tebibyte = 2 ** 40;

test("an object of a known length up to 5 TiB never has over 10,000 parts, nor a part under 5 MiB but the last", () => {
  const lengths = integer({ min: 0, max: 5 * tebibyte });
  assert(
    property(lengths, integer({ min: 1, max: 2 ** 33 }), (length, partBytes) => {
      const sizeOf = partSizes(length, partBytes);
      const size = sizeOf(1);
      expect(Math.ceil(length / size)).toBeLessThanOrEqual(partsMax);
      expect(size).toBeGreaterThanOrEqual(Math.max(partBytes, 5 * mebibyte));
      expect(sizeOf(partsMax)).toBe(size);
    }),
    { seed, numRuns: 1000 },
  );
});

test.each([1, 5 * mebibyte, 8 * mebibyte, 100 * mebibyte])(
  "10,000 parts of a source of unknown length hold 5 TiB, from %i bytes a part on, and none is over 2 GiB",
  (partBytes) => {
    const sizeOf = partSizes(undefined, partBytes);
    let sum = 0;
    for (let part = 1; part <= partsMax; part++) {
      const size = sizeOf(part);
      expect(size).toBeLessThanOrEqual(2 ** 31);
      expect(size).toBeGreaterThanOrEqual(part === 1 ? 5 * mebibyte : sizeOf(part - 1));
      sum += size;
    }
    expect(sum).toBeGreaterThanOrEqual(5 * tebibyte);
  },
);

test("the first 7 GiB of a source of unknown length come in parts of 8 MiB", () => {
  const sizeOf = partSizes(undefined);
  expect(sizeOf(1)).toBe(8 * mebibyte);
  expect(sizeOf(896)).toBe(8 * mebibyte);
});

test("what is no number of bytes is refused", () => {
  for (const partBytes of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => partSizes(undefined, partBytes)).toThrow(WireFailure);
  }
  assert(
    property(maxSafeInteger(), (partBytes) => {
      if (partBytes >= 1) expect(partSizes(0, partBytes)(1)).toBeGreaterThanOrEqual(partBytes);
      else expect(() => partSizes(0, partBytes)).toThrow(WireFailure);
    }),
    { seed },
  );
});
