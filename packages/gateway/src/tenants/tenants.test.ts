import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TenantsRun } from "./run.test.support.ts";
import { drafts, kinds, slots } from "./step.test.support.ts";

const seed = Number(process.env["HOLDFAST_PROOF_SEED"] ?? Math.trunc(Math.random() * 2 ** 31));
const count = Number(process.env["HOLDFAST_PROOF_OPERATIONS"] ?? 2000);

test(`two tenants can do what they may and nothing else, whatever they try (HOLDFAST_PROOF_SEED=${seed})`, async () => {
  const run = await TenantsRun.start(fc.sample(kinds, { numRuns: slots, seed }));
  for (const draft of fc.sample(drafts, { numRuns: count, seed })) await run.take(draft);
  await run.close();
  const { disagreements, counts } = run.outcome;
  const { believed, denied, done, failed } = counts;
  process.stdout.write(
    `${count} requests: ${believed} not believed, ${denied} denied, ${done} done, ${failed} failed, ${disagreements.length} disagreements\n`,
  );
  expect(disagreements).toEqual([]);
  expect(Math.min(believed, denied, done, failed)).toBeGreaterThan(count / 50);
}, 600_000);
