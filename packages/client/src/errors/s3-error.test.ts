import { describe, expect, test, vi } from "vitest";
import * as classes from "./classes.ts";
import { S3ClientError, S3NotFoundError, S3ServerError, S3ThrottledError } from "./classes.ts";
import { S3Error, type S3ErrorFields } from "./s3-error.ts";

const fields: S3ErrorFields = {
  operation: "GetObject",
  errorCode: "NoSuchKey",
  category: "not-found",
  retry: "never",
  retryable: false,
  codeInferred: false,
  ambiguous: false,
  details: {},
  attempts: 1,
  history: [],
};

describe("is", () => {
  test("tells a class and those above it, and nothing else", () => {
    const error = new S3NotFoundError("gone", fields);
    expect([S3NotFoundError.is(error), S3ClientError.is(error), S3Error.is(error)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([S3ServerError.is(error), S3ThrottledError.is(error)]).toEqual([false, false]);
    for (const other of [
      undefined,
      null,
      "S3Error",
      {},
      { name: "S3NotFoundError" },
      new Error("x"),
    ]) {
      expect(S3Error.is(other)).toBe(false);
      expect(S3NotFoundError.is(other)).toBe(false);
    }
  });

  test("holds for errors of another copy of the package, where instanceof does not", async () => {
    vi.resetModules();
    const copy = await import("./classes.ts");
    const error: unknown = new copy.S3NotFoundError("gone", fields);
    expect(error instanceof S3NotFoundError).toBe(false);
    expect(S3NotFoundError.is(error)).toBe(true);
    expect(S3Error.is(error)).toBe(true);
    expect(S3ServerError.is(error)).toBe(false);
  });

  test("narrows, and leaves what is of another class an S3Error", () => {
    const error: unknown = new S3ThrottledError("slow", fields);
    if (!S3Error.is(error)) throw new Error("not an S3Error");
    // Compiles only as long as the classes differ to the compiler.
    const told = S3NotFoundError.is(error) ? "missing" : error.errorCode;
    const caught = error instanceof S3ClientError ? "client" : error.errorCode;
    expect([told, caught]).toEqual(["NoSuchKey", "NoSuchKey"]);
  });
});

test("every class has the name that it is exported by", () => {
  for (const [name, Class] of Object.entries(classes)) {
    expect(new Class("x", fields).name).toBe(name);
    expect(Object.prototype.hasOwnProperty.call(new Class("x", fields), "name")).toBe(false);
  }
});

test("an error made without a summary of its causes has one", () => {
  const cause = new Error("Authorization: secret-of-somebody");
  expect(new S3Error("x", fields, { cause }).causes).toEqual([
    { name: "Error", message: "Authorization: [redacted]" },
  ]);
});

test("a log gets the last twenty tries of however many", () => {
  const history = Array.from({ length: 500 }, (_, index) => ({
    attempt: index + 1,
    errorCode: "SlowDown",
  }));
  const error = new S3Error("x", { ...fields, history, attempts: 500 });
  expect(error.toJSON().history.map(({ attempt }) => attempt)).toEqual(
    Array.from({ length: 20 }, (_, index) => 481 + index),
  );
  expect(error.history).toHaveLength(500);
});
