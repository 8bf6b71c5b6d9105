import * as fc from "fast-check";
import { expect, test } from "vitest";

const seed = process.env["HOLDFAST_SEED"];

const drawn = (): readonly number[] => fc.sample(fc.nat(), 20);

test(`properties draw the same each time where a seed is set, and others each time where none is (HOLDFAST_SEED=${seed ?? ""})`, () => {
  const isSame = JSON.stringify(drawn()) === JSON.stringify(drawn());
  expect(isSame).toBe(seed !== undefined);
  if (seed !== undefined) expect(fc.readConfigureGlobal().seed).toBe(Number(seed));
});
