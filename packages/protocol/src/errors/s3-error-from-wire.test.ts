import * as fc from "fast-check";
import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import { fallbackFor } from "./fallback-for.ts";
import { S3Error } from "./s3-error.ts";
import { s3ErrorFromWire } from "./s3-error-from-wire.ts";

test("a catalogued code decides before the status, even a status that lies", () => {
  expect(s3ErrorFromWire({ code: "XMinioBackendDown", status: 400 })).toMatchObject({
    status: 400,
    category: "unavailable",
    retry: "transient",
    reason: "xminio_backend_down",
  });
  expect(s3ErrorFromWire({ code: "SlowDown", status: 503 }).retry).toBe("throttling");
  expect(s3ErrorFromWire({ code: "SignatureDoesNotMatch", status: 403 }).category).toBe(
    "unauthenticated",
  );
  expect(s3ErrorFromWire({ code: "InternalError", status: 200 }).retry).toBe("transient");
});

test("EntityTooLarge is a quota exactly when it comes as a 507", () => {
  expect(s3ErrorFromWire({ code: "EntityTooLarge", status: 400 }).category).toBe("invalid-request");
  expect(s3ErrorFromWire({ code: "EntityTooLarge", status: 413 }).category).toBe("invalid-request");
  expect(s3ErrorFromWire({ code: "EntityTooLarge", status: 507 }).category).toBe("quota-exceeded");
});

test("every catalogued code takes its row's category and retry under its own status", () => {
  for (const [code, { status, category, retry }] of Object.entries(catalogue)) {
    expect(s3ErrorFromWire({ code, status })).toMatchObject({ code, status, category, retry });
  }
});

test("any unknown code survives, keeps message and details, and takes the status's meaning", () => {
  const word = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom("__proto__", "toString"));
  fc.assert(
    fc.property(word, fc.integer({ min: 0, max: 999 }), (code, status) => {
      fc.pre(!Object.hasOwn(catalogue, code));
      const details = { Key: "k", ["__proto__"]: "p" };
      const error = s3ErrorFromWire({ code, status, message: "m", details });
      expect(S3Error.is(error)).toBe(true);
      expect(error).toMatchObject({ code, status, message: "m", reason: "unknown_code" });
      expect(error).toMatchObject({ ...fallbackFor(status) });
      expect(Object.entries(error.details)).toEqual(Object.entries(details));
    }),
  );
});

test("a missing or empty message is replaced, since a caller must be told something", () => {
  expect(s3ErrorFromWire({ code: "NoSuchKey", status: 404, message: "" }).message).toBe(
    catalogue.NoSuchKey.message,
  );
  expect(s3ErrorFromWire({ code: "Odd", status: 418 }).message).toContain("418");
});

test("without a code the status stands in its place, as for HEAD", () => {
  expect(s3ErrorFromWire({ status: 404 })).toMatchObject({
    code: "404",
    category: "not-found",
    retry: "never",
  });
  expect(s3ErrorFromWire({ status: 503, code: "" }).retry).toBe("transient");
});

test("the cause is kept", () => {
  const cause = new Error("unparseable");
  expect(s3ErrorFromWire({ status: 502 }, { cause }).cause).toBe(cause);
});
