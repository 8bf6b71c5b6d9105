import { expect, test } from "vitest";
import { connectionBudget, descriptorsFree } from "./descriptors.ts";

test.each([0, 1, 10, 33, 83, 230, 1000, 20_000, 1_000_000])(
  "with %i descriptors left, two for each connection, those refused and some for the engine are enough",
  (left) => {
    const { served, refused } = connectionBudget(left);
    expect(served).toBeGreaterThanOrEqual(1);
    expect(refused).toBeGreaterThanOrEqual(2);
    if (left >= 16) expect(2 * served + refused + 8).toBeLessThanOrEqual(left);
  },
);

test("a machine without a limit serves as many as it is told to", () => {
  expect(connectionBudget(Infinity).served).toBe(Infinity);
});

test("this process knows how many it may still open", () => {
  expect(descriptorsFree()).toBeGreaterThan(0);
});
