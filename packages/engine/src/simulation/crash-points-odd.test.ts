import { expect, test } from "vitest";
import { countsOf, proveCrashPoints } from "./prove-crash-points.ts";

test("wherever the power goes, and goes again, every answered write is there as a whole: odd seeds", async () => {
  const proven = await proveCrashPoints("odd");
  console.log(countsOf(proven));
  expect(proven.violations).toEqual([]);
}, 86_400_000);
