import { test } from "vitest";
import { conformance, runAgainstModel } from "@holdfast/store/conformance";
import { recorded } from "../../../packages/store/src/conformance/recorded.test.support.ts";
import { fixtureOn, subjectOn } from "./fixture.ts";

await conformance(subjectOn("sftp", {}), test, { results: recorded });
await conformance(subjectOn("sftp3", { server: "sftp3" }), test, { results: recorded });

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const steps = Number(process.env["HOLDFAST_STORE_STEPS"] ?? 1000);

test(`a random run of ${steps} operations comes out as in memory (HOLDFAST_SEED=${seed}, HOLDFAST_STORE_STEPS)`, async () => {
  const fixture = await fixtureOn({});
  try {
    await runAgainstModel(fixture, { seed, steps });
  } finally {
    await fixture.end();
  }
}, 600_000);
