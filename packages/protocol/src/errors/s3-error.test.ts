import { expect, test } from "vitest";
import { s3Error, S3Error } from "./s3-error.ts";

test("an error is its row and the details of the throw site", () => {
  const error = s3Error("NoSuchKey", { Key: "a b" }, { extra: { VersionId: "null" } });
  expect(error).toMatchObject({
    name: "S3Error",
    code: "NoSuchKey",
    status: 404,
    awsStatus: 404,
    category: "not-found",
    retry: "never",
    details: { Key: "a b", VersionId: "null" },
    headers: {},
    reason: "no_such_key",
  });
  expect(error.message).not.toBe("");
  expect("cause" in error).toBe(false);
});

test("a throw site can be more exact, and the cause is kept", () => {
  const cause = new Error("EIO");
  const options = { message: "Exactly.", reason: "disk", headers: { "retry-after": "1" }, cause };
  expect(s3Error("SlowDown", undefined, options)).toMatchObject({ ...options, awsStatus: 503 });
});

test("a quota is EntityTooLarge by another cause, with another status", () => {
  expect(s3Error("EntityTooLarge")).toMatchObject({ status: 400, category: "invalid-request" });
  expect(s3Error("EntityTooLarge", undefined, { variant: "quota" })).toMatchObject({
    code: "EntityTooLarge",
    status: 507,
    awsStatus: 507,
    category: "quota-exceeded",
    retry: "never",
    reason: "entity_too_large_quota",
  });
});

test("a missing detail, an unknown code or an unknown variant does not compile", () => {
  // @ts-expect-error a key that is missing has a name
  expect(() => s3Error("NoSuchKey")).not.toThrow();
  // @ts-expect-error the catalogue is closed
  expect(() => s3Error("NoSuchThing")).toThrow(TypeError);
  // @ts-expect-error a key has no quota
  expect(s3Error("NoSuchKey", { Key: "a" }, { variant: "quota" }).status).toBe(404);
});

function makeHere(): S3Error {
  return s3Error("InternalError");
}

test("the stack of a fault starts where it was made, and a refusal has none", () => {
  expect(makeHere().stack?.split("\n")[1]).toContain("makeHere");
  expect(s3Error("AccessDenied").stack).toBe("S3Error: Access Denied.");
});

test("an error is recognised by its brand, and nothing else is", () => {
  expect(S3Error.is(s3Error("AccessDenied"))).toBe(true);
  expect(S3Error.is({ [Symbol.for("@holdfast/protocol/S3Error")]: true })).toBe(true);
  for (const other of [null, undefined, "AccessDenied", new Error("x"), { code: "AccessDenied" }]) {
    expect(S3Error.is(other)).toBe(false);
  }
});
