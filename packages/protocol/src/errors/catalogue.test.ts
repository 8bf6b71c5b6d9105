import { readdirSync } from "node:fs";
import { describe, expect, expectTypeOf, test } from "vitest";
import { catalogue, type DetailsOf, type ErrorCode, type VariantOf } from "./catalogue.ts";
import type { ErrorMeaning, ErrorRow } from "./row.ts";
import { isErrorCode } from "./is-error-code.ts";

const rows: readonly (readonly [string, ErrorRow])[] = Object.entries(catalogue);

/** Every status, category and retry that a code can mean, its variants among them. */
const meanings = rows.flatMap(([code, row]): (readonly [string, ErrorMeaning])[] => [
  [code, row],
  ...Object.entries(row.variants ?? {}).map(
    ([variant, meaning]): readonly [string, ErrorMeaning] => [`${code} (${variant})`, meaning],
  ),
]);

const codesWhere = (holds: (meaning: ErrorMeaning) => boolean): string[] =>
  meanings.filter(([, meaning]) => holds(meaning)).map(([code]) => code);

/** The status of a code in the documented profile, and in AWS's. */
function statuses(code: ErrorCode): readonly number[] {
  const { status, awsStatus = status }: ErrorRow = catalogue[code];
  return [status, awsStatus];
}

test("every row of every file stands in the catalogue, and no code in two files", async () => {
  const names = readdirSync(new URL("rows/", import.meta.url)).map((name) =>
    name.replace(/\.ts$/, ""),
  );
  const files = await Promise.all(names.map(async (name) => import(`./rows/${name}.ts`)));
  const codes = files.flatMap((file) =>
    Object.values<Record<string, ErrorRow>>({ ...file }).flatMap((table) => Object.keys(table)),
  );
  expect(codes.toSorted()).toEqual(Object.keys(catalogue).toSorted());
});

test("the catalogue is complete: more rows than the sources list", () => {
  expect(rows.length).toBeGreaterThanOrEqual(376);
});

describe("rows agree with themselves", () => {
  test("every message is one sentence that starts with a capital and ends with a full stop", () => {
    expect(codesWhere(({ message }) => !/^[A-Z].{8,}\.$/.test(message))).toEqual([]);
    expect(codesWhere(({ message }) => /\. [A-Z]/.test(message))).toEqual([]);
  });

  test("the only code under a 2xx is the one that MinIO sends so", () => {
    expect(codesWhere(({ status }) => status < 300)).toEqual(["XMinioObjectTampered"]);
    expect(codesWhere(({ status }) => status > 599)).toEqual([]);
  });

  test("an AWS status stands only where it differs", () => {
    expect(codesWhere(({ status, awsStatus }) => status === awsStatus)).toEqual([]);
  });

  test("variants differ from their row, and from each other, in the status on the wire", () => {
    const ambiguous = rows.filter(([, row]) => {
      const all = [row, ...Object.values(row.variants ?? {})].map(({ status }) => status);
      return new Set(all).size < all.length;
    });
    expect(ambiguous.map(([code]) => code)).toEqual([]);
  });

  test("no detail restates what every document carries", () => {
    const restating = rows.filter(([, { details = [] }]) =>
      details.some((name) => ["Code", "Message", "Resource", "RequestId", "HostId"].includes(name)),
    );
    expect(restating.map(([code]) => code)).toEqual([]);
  });
});

describe("retry follows from what happened", () => {
  test.each([
    ["throttled", ["throttling"]],
    ["forbidden", ["never"]],
    ["unsupported", ["never"]],
    ["quota-exceeded", ["never"]],
    ["already-exists", ["never"]],
    ["not-modified", ["never"]],
    ["invalid-path", ["never"]],
    ["precondition-failed", ["restart"]],
    ["timeout", ["transient"]],
    ["not-found", ["never", "restart"]],
    ["redirect", ["never", "region"]],
    ["unauthenticated", ["clock-skew", "credentials", "never"]],
    ["integrity", ["never", "transient"]],
  ])("%s is retried as one of %j", (category, allowed) => {
    const found = meanings.filter(([, meaning]) => meaning.category === category);
    expect(found).not.toEqual([]);
    expect(found.filter(([, { retry }]) => !allowed.includes(retry)).map(([code]) => code)).toEqual(
      [],
    );
  });

  test.each([
    ["throttling", ["throttled"]],
    ["clock-skew", ["unauthenticated"]],
    ["credentials", ["unauthenticated"]],
    ["region", ["invalid-request", "redirect"]],
  ])("%s helps only when the failure was %j", (retry, allowed) => {
    const found = meanings.filter(([, meaning]) => meaning.retry === retry);
    expect(found).not.toEqual([]);
    expect(
      found.filter(([, { category }]) => !allowed.includes(category)).map(([code]) => code),
    ).toEqual([]);
  });

  test("a 501 and a 507 are never tried again", () => {
    expect(
      codesWhere(({ status, retry }) => (status === 501 || status === 507) && retry !== "never"),
    ).toEqual([]);
  });
});

test("the statuses of the documented profile and of AWS's are those of their documents", () => {
  expect(statuses("InvalidAccessKeyId")).toEqual([401, 403]);
  expect(statuses("SignatureDoesNotMatch")).toEqual([401, 403]);
  expect(statuses("SlowDown")).toEqual([429, 503]);
  expect(statuses("EntityTooLarge")).toEqual([400, 400]);
  expect(catalogue.EntityTooLarge.variants.quota.status).toBe(507);
  expect(statuses("MissingContentLength")).toEqual([411, 411]);
  expect(statuses("BadGateway")).toEqual([502, 502]);
  expect(statuses("ServiceUnavailable")).toEqual([503, 503]);
  expect(statuses("InvalidRequest")).toEqual([400, 400]);
});

test("a word is a code only when a row has it", () => {
  expect(isErrorCode("NoSuchKey")).toBe(true);
  expect(isErrorCode("503 SlowDown")).toBe(true);
  const others = ["toString", "__proto__", "constructor", "hasOwnProperty", "", "nosuchkey"];
  expect(others.filter((word) => isErrorCode(word))).toEqual([]);
});

test("the types are as exact as the rows", () => {
  expectTypeOf<"NoSuchKey">().toExtend<ErrorCode>();
  expectTypeOf<"NoSuchThing">().not.toExtend<ErrorCode>();
  expectTypeOf<DetailsOf<"NoSuchKey">>().toEqualTypeOf<{ readonly Key: string }>();
  expectTypeOf<DetailsOf<"AccessDenied">>().toEqualTypeOf<object>();
  expectTypeOf<VariantOf<"EntityTooLarge">>().toEqualTypeOf<"quota">();
  expectTypeOf<VariantOf<"NoSuchKey">>().toBeNever();
});
