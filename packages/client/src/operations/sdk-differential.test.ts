import { expect, test } from "vitest";
import { bucketCases } from "./sdk-bucket-cases.test.data.ts";
import { bucketSettingCases } from "./sdk-bucket-setting-cases.test.data.ts";
import { listingCases } from "./sdk-listing-cases.test.data.ts";
import { objectCases } from "./sdk-object-cases.test.data.ts";
import { objectSettingCases } from "./sdk-object-setting-cases.test.data.ts";
import { uploadCases } from "./sdk-upload-cases.test.data.ts";
import { plain } from "./plain-output.test.support.ts";
import { runOurs, runTheirs, type DifferentialCase } from "./sdk-differential.test.support.ts";

const cases = [
  ...objectCases,
  ...objectSettingCases,
  ...uploadCases,
  ...listingCases,
  ...bucketCases,
  ...bucketSettingCases,
];

/** The SDK's output without what it nests. */
function unwrapped(output: object, { unwrap }: DifferentialCase): unknown {
  if (unwrap === undefined) return output;
  const fields = new Map<string, unknown>(Object.entries(output));
  const nested = fields.get(unwrap);
  fields.delete(unwrap);
  return { ...Object.fromEntries(fields), ...(typeof nested === "object" ? nested : {}) };
}

test.each(cases)("$name asks as the AWS SDK asks", async (one) => {
  const [theirs, ours] = [await runTheirs(one), await runOurs(one)];
  expect(theirs.request).toBeDefined();
  expect(ours.request).toEqual(theirs.request);
});

test.each(cases)("$name reads the answer as the AWS SDK reads it", async (one) => {
  const [theirs, ours] = [await runTheirs(one), await runOurs(one)];
  expect(plain(ours.output)).toEqual(plain(unwrapped(theirs.output, one), one.without));
});

test("a difference in a request or in a value is seen", async () => {
  const [one] = objectCases;
  if (one === undefined) throw new Error("no cases");
  const theirs = await runTheirs(one);
  const other = {
    ...one,
    answer: { ...one.answer, headers: { ...one.answer.headers, etag: '"other"' } },
  };
  expect(plain((await runOurs(other)).output)).not.toEqual(plain(theirs.output, one.without));
  const [, two] = objectCases;
  if (two === undefined) throw new Error("no second case");
  expect((await runOurs(two)).request).not.toEqual(theirs.request);
});

console.info(
  `${cases.length} operations compared with the AWS SDK, their requests and their answers`,
);
