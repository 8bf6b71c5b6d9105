import * as fc from "fast-check";
import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import { fallbackFor, type StatusFallback } from "./fallback-for.ts";
import type { ErrorRow } from "./row.ts";
import { isErrorCode } from "./is-error-code.ts";
import { meaningOnWire, statusOfCode } from "./meaning-on-wire.ts";
import { saysItsStatus } from "./says-its-status.test.support.ts";

function wireMeaning(code: string | undefined, status: number): StatusFallback {
  const { category, retry } = meaningOnWire(code, status);
  return { category, retry };
}

test("a catalogued code decides before the status, even a status that lies", () => {
  const down = { category: "unavailable", retry: "transient" };
  expect(wireMeaning("XMinioBackendDown", 400)).toEqual(down);
  expect(wireMeaning("InternalError", 200)).toEqual(down);
  expect(wireMeaning("SlowDown", 503).retry).toBe("throttling");
  expect(wireMeaning("SignatureDoesNotMatch", 403).category).toBe("unauthenticated");
});

test("EntityTooLarge is a quota exactly when it comes as a 507", () => {
  expect(wireMeaning("EntityTooLarge", 400).category).toBe("invalid-request");
  expect(wireMeaning("EntityTooLarge", 413).category).toBe("invalid-request");
  expect(wireMeaning("EntityTooLarge", 507).category).toBe("quota-exceeded");
});

test("every catalogued code has its row's category and retry under any status but a variant's", () => {
  for (const [code, row] of Object.entries<ErrorRow>(catalogue)) {
    const { category, retry } = row;
    expect(isErrorCode(code)).toBe(true);
    const isPlain = saysItsStatus(code, row);
    expect(statusOfCode(code)).toBe(isPlain ? undefined : row.status);
    const statuses = isPlain ? [] : [200, 418];
    for (const status of [row.status, row.awsStatus ?? row.status, ...statuses]) {
      expect(wireMeaning(code, status)).toEqual({ category, retry });
    }
    for (const variant of Object.values(row.variants ?? {})) {
      const meaning = { category: variant.category, retry: variant.retry };
      expect(wireMeaning(code, variant.status)).toEqual(meaning);
    }
  }
});

test("any other code, and none, means what the status alone does", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom("__proto__", "toString", "EntityTooLarge@507", undefined),
  );
  fc.assert(
    fc.property(word, fc.integer({ min: 0, max: 999 }), (code, status) => {
      fc.pre(!Object.hasOwn(catalogue, code || String(status)));
      expect(isErrorCode(code ?? "")).toBe(false);
      expect(statusOfCode(code ?? "")).toBe(undefined);
      expect(wireMeaning(code, status)).toEqual(fallbackFor(status));
    }),
  );
});

test.each([
  [200, "unavailable", "transient"],
  [301, "redirect", "region"],
  [304, "not-modified", "never"],
  [307, "redirect", "region"],
  [400, "invalid-request", "never"],
  [401, "unauthenticated", "never"],
  [403, "forbidden", "never"],
  [404, "not-found", "never"],
  [405, "unsupported", "never"],
  [408, "timeout", "transient"],
  [409, "conflict", "never"],
  [411, "invalid-request", "never"],
  [412, "precondition-failed", "restart"],
  [413, "invalid-request", "never"],
  [414, "invalid-request", "never"],
  [416, "invalid-request", "restart"],
  [418, "invalid-request", "never"],
  [423, "locked", "transient"],
  [429, "throttled", "throttling"],
  [431, "invalid-request", "never"],
  [499, "cancelled", "never"],
  [500, "unavailable", "transient"],
  [501, "unsupported", "never"],
  [502, "unavailable", "transient"],
  [503, "unavailable", "transient"],
  [504, "unavailable", "transient"],
  [505, "unsupported", "never"],
  [507, "quota-exceeded", "never"],
  [509, "quota-exceeded", "never"],
  [520, "unavailable", "transient"],
])("a bare %i is %s, retried: %s", (status, category, retry) => {
  expect(fallbackFor(status)).toEqual({ category, retry });
});
