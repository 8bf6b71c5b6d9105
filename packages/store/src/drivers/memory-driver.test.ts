import { test } from "vitest";
import { conformance } from "../conformance/conformance.ts";
import { recorded } from "../conformance/recorded.test.support.ts";
import { memorySubject } from "./memory-fixture.test.support.ts";

for (const namespace of ["tree", "flat"] as const) {
  await conformance(memorySubject(namespace), test, { results: recorded });
}
