import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  copySourceCondition,
  readCondition,
  writeCondition,
  type ConditionHeaders,
} from "./conditions.ts";
import { formatHttpDate } from "./dates.ts";
import { S3Error } from "./errors/s3-error.ts";

const now = Date.UTC(2026, 0, 1);
const lastModified = Date.UTC(2025, 5, 1, 12, 0, 0, 750);
const current = { etag: "abc", lastModified };
const before = formatHttpDate(lastModified - 1000);
const same = formatHttpDate(lastModified);
const after = formatHttpDate(lastModified + 1000);

function outcome(decide: () => void): string {
  try {
    decide();
    return "ok";
  } catch (error) {
    if (!S3Error.is(error)) throw error;
    const condition = error.details["Condition"];
    return condition === undefined ? error.code : `${error.code} ${condition}`;
  }
}

function read(headers: ConditionHeaders): string {
  return outcome(() => readCondition(headers, now)(current));
}

function copy(headers: ConditionHeaders): string {
  return outcome(() => copySourceCondition(headers, now)(current));
}

const etags = fc.constantFrom(undefined, "*", '"abc"', "abc", '"x"', 'W/"abc"', '"x", "abc"', "");
const dates = fc.constantFrom(undefined, before, same, after, "yesterday", "");

function isNotAfter(date: string | undefined): boolean {
  return date === same || date === after;
}

/** The table of RFC 9110, 13.2.2, written down a second time. */
function expectedRead(headers: ConditionHeaders): string {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = headers;
  const strong = ["*", '"abc"', "abc", '"x", "abc"'];
  if (ifMatch !== undefined && !strong.includes(ifMatch)) return "PreconditionFailed If-Match";
  if (ifMatch === undefined && ifUnmodifiedSince === before) {
    return "PreconditionFailed If-Unmodified-Since";
  }
  const weak = ifNoneMatch !== undefined && [...strong, 'W/"abc"'].includes(ifNoneMatch);
  if (weak) return "NotModified";
  return ifNoneMatch === undefined && isNotAfter(ifModifiedSince) ? "NotModified" : "ok";
}

test("a read is decided by RFC 9110's table under all combinations of conditions", () => {
  fc.assert(
    fc.property(
      fc.record({
        ifMatch: etags,
        ifNoneMatch: etags,
        ifModifiedSince: dates,
        ifUnmodifiedSince: dates,
      }),
      (headers) => {
        expect(read(headers)).toBe(expectedRead(headers));
      },
    ),
    { numRuns: 2000 },
  );
});

test("a copy's source is refused exactly when a read would not have been answered", () => {
  fc.assert(
    fc.property(
      fc.record({
        ifMatch: etags,
        ifNoneMatch: etags,
        ifModifiedSince: dates,
        ifUnmodifiedSince: dates,
      }),
      (headers) => {
        const refused = copy(headers).startsWith("PreconditionFailed x-amz-copy-source-If-");
        expect(refused ? "refused" : copy(headers)).toBe(read(headers) === "ok" ? "ok" : "refused");
      },
    ),
    { numRuns: 1000 },
  );
});

describe("S3's two documented combinations", () => {
  test("a matching If-Match outweighs an If-Unmodified-Since that fails", () => {
    expect(read({ ifMatch: '"abc"', ifUnmodifiedSince: before })).toBe("ok");
    expect(copy({ ifMatch: '"abc"', ifUnmodifiedSince: before })).toBe("ok");
  });

  test("an If-None-Match that fails outweighs an If-Modified-Since that holds", () => {
    expect(read({ ifNoneMatch: '"abc"', ifModifiedSince: before })).toBe("NotModified");
    expect(copy({ ifNoneMatch: '"abc"', ifModifiedSince: before })).toBe(
      "PreconditionFailed x-amz-copy-source-If-None-Match",
    );
  });
});

test("a date's second counts as a whole: what the server said last modified is not modified", () => {
  expect(read({ ifModifiedSince: same })).toBe("NotModified");
  expect(read({ ifUnmodifiedSince: same })).toBe("ok");
});

test("obsolete forms of a date are conditions too", () => {
  expect(read({ ifUnmodifiedSince: "Sunday, 06-Nov-94 08:49:37 GMT" })).toBe(
    "PreconditionFailed If-Unmodified-Since",
  );
  expect(read({ ifModifiedSince: "Sun Nov  6 08:49:37 1994" })).toBe("ok");
});

test("a 304 carries the headers that a cache needs", () => {
  expect(() => readCondition({ ifNoneMatch: "*" }, now)(current)).toThrow(
    expect.objectContaining({
      code: "NotModified",
      status: 304,
      headers: { etag: '"abc"', "last-modified": "Sun, 01 Jun 2025 12:00:00 GMT" },
    }),
  );
});

test.each([
  [{}, "ok", "ok"],
  [{ ifNoneMatch: "*" }, "PreconditionFailed If-None-Match", "ok"],
  [{ ifNoneMatch: " * " }, "PreconditionFailed If-None-Match", "ok"],
  [{ ifMatch: "*" }, "ok", "NoSuchKey"],
  [{ ifMatch: '"abc"' }, "ok", "NoSuchKey"],
  [{ ifMatch: "abc" }, "ok", "NoSuchKey"],
  [{ ifMatch: '"x", "abc"' }, "ok", "NoSuchKey"],
  [{ ifMatch: '"x"' }, "PreconditionFailed If-Match", "NoSuchKey"],
  [{ ifMatch: 'W/"abc"' }, "PreconditionFailed If-Match", "NoSuchKey"],
  [{ ifMatch: '"abc' }, "PreconditionFailed If-Match", "NoSuchKey"],
  [{ ifMatch: "" }, "PreconditionFailed If-Match", "NoSuchKey"],
  [{ ifMatch: '"ABC"' }, "PreconditionFailed If-Match", "NoSuchKey"],
])("a write under %j: %s on an object, %s on none", (headers, onObject, onNone) => {
  const decide = writeCondition(headers, "key");
  expect(outcome(() => decide(current))).toBe(onObject);
  expect(outcome(() => decide(undefined))).toBe(onNone);
});

test("a write that must match and must be new at once never happens", () => {
  fc.assert(
    fc.property(etags, fc.boolean(), (ifMatch = '"abc"', exists) => {
      const decide = writeCondition({ ifMatch, ifNoneMatch: "*" }, "key");
      expect(outcome(() => decide(exists ? current : undefined))).not.toBe("ok");
    }),
  );
});

test("the key that was not there is named", () => {
  expect(() => writeCondition({ ifMatch: "*" }, "a/ü")(undefined)).toThrow(
    expect.objectContaining({ code: "NoSuchKey", details: { Key: "a/ü" } }),
  );
});

test.each([
  [{ ifNoneMatch: '"abc"' }, "If-None-Match"],
  [{ ifNoneMatch: "" }, "If-None-Match"],
  [{ ifModifiedSince: before }, "If-Modified-Since"],
  [{ ifUnmodifiedSince: "yesterday" }, "If-Unmodified-Since"],
])(
  "a write under %j is refused before anything is written, not done without it",
  (headers, Header) => {
    expect(() => writeCondition(headers, "key")).toThrow(
      expect.objectContaining({ code: "NotImplemented", details: { Header } }),
    );
  },
);
