import * as fc from "fast-check";
import { expect, test } from "vitest";
import { S3Error } from "./errors/s3-error.ts";
import { parseCopySource, parseQuery, splitTarget } from "./target.ts";

/** Percent escapes as S3's clients write them: all but the unreserved, slashes kept in keys. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function encodeKey(key: string): string {
  return encode(key).replaceAll("%2F", "/");
}

const anyBucket = fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,20}[a-z0-9]$/);
const anyText = fc.string({ unit: "binary", maxLength: 60 });
const anyKey = fc.oneof(
  anyText,
  fc
    .array(fc.constantFrom(".", "..", "/", "//", "a", " ", "+", "%", "%2F", "#", "?", "&", "\0"), {
      maxLength: 12,
    })
    .map((parts) => parts.join("")),
);

const invalidUri = expect.objectContaining({ code: "InvalidURI", status: 400 });

test("every key comes back as it went in, whatever it is made of", () => {
  fc.assert(
    fc.property(anyBucket, anyKey, (bucket, key) => {
      const target = splitTarget(`/${bucket}/${encodeKey(key)}`);
      expect([target.bucket, target.key]).toEqual([bucket, key === "" ? undefined : key]);
    }),
    { numRuns: 1000 },
  );
});

test("a key does not depend on which of its characters were escaped", () => {
  fc.assert(
    fc.property(anyBucket, anyKey, (bucket, key) => {
      const all = [...Buffer.from(key)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`);
      expect(splitTarget(`/${bucket}/${all.join("")}`).key).toBe(
        splitTarget(`/${bucket}/${encodeKey(key)}`).key,
      );
    }),
  );
});

test("path and query are handed on exactly as they came", () => {
  fc.assert(
    fc.property(anyBucket, anyKey, anyText, (bucket, key, value) => {
      const rawPath = `/${bucket}/${encodeKey(key)}`;
      const rawQuery = `prefix=${encode(value)}&x`;
      expect(splitTarget(`${rawPath}?${rawQuery}`)).toMatchObject({ rawPath, rawQuery });
    }),
  );
});

test("every query comes back as it went in, in order", () => {
  const anyPair = fc.tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), anyText);
  fc.assert(
    fc.property(fc.array(anyPair, { maxLength: 20 }), (pairs) => {
      const raw = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
      expect(parseQuery(raw)).toEqual(pairs);
      const query = splitTarget(`/?${raw}`).query;
      for (const [name] of pairs) {
        const values = pairs.filter(([other]) => other === name).map(([, value]) => value);
        expect(query.get(name)).toEqual(values);
      }
    }),
  );
});

function bucketOrRefusal(target: string): string | number | undefined {
  try {
    return splitTarget(target).bucket;
  } catch (error) {
    if (!S3Error.is(error)) throw error;
    return error.status;
  }
}

test("no target makes anything but an answer or a refusal, and only a bare slash is the service", () => {
  const soup = fc.array(
    fc.constantFrom(
      "/",
      "%2F",
      "%2f",
      "%",
      "%C3",
      "%A9",
      "?",
      "&",
      "=",
      "+",
      "..",
      "a",
      "#",
      "\n",
      "é",
      "%00",
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(soup, (parts) => {
      const target = `/${parts.join("")}`;
      const bucket = bucketOrRefusal(target);
      const isService = bucket === undefined;
      expect(isService || bucket === 400 || typeof bucket === "string").toBe(true);
      expect(isService && target.split("?")[0] !== "/").toBe(false);
      expect(typeof bucket === "string" && bucket.includes("/")).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["/", undefined, undefined],
  ["/?list-type=2", undefined, undefined],
  ["/b", "b", undefined],
  ["/b/", "b", undefined],
  ["/b?x", "b", undefined],
  ["/b//", "b", "/"],
  ["/b//k", "b", "/k"],
  ["/b/k/", "b", "k/"],
  ["/b/../x", "b", "../x"],
  ["/b/./.", "b", "./."],
  ["/b/%2E%2E/x", "b", "../x"],
  ["/b/a+b", "b", "a+b"],
  ["/b/%252F", "b", "%2F"],
  ["/b/%00", "b", "\0"],
  ["/b/k?a/b?c", "b", "k"],
  ["/b%3Fx/k", "b?x", "k"],
])("%j is bucket %j and key %j", (target, bucket, key) => {
  expect(splitTarget(target)).toMatchObject({ bucket, key });
});

test.each(["//", "//x", "///", "//?x", "/b%2Fk", "/b%2fk/c", "/%2F", "/%2E%2E%2Fetc/k"])(
  "%j has no bucket's name, and is not the service either",
  (target) => {
    expect(() => splitTarget(target)).toThrow(
      expect.objectContaining({ code: "InvalidBucketName", status: 400 }),
    );
  },
);

test.each([
  "",
  "*",
  "b/k",
  "?x",
  "http://host/b/k",
  "host:80",
  "/b/%",
  "/b/%2",
  "/b/%zz",
  "/b/%u0041",
  "/b/%C3",
  "/b/%C0%AF",
  "/b/%ED%A0%80",
  "/b/%F4%90%80%80",
  "/b/%FF",
  "/%C3/k",
  "/b/k#fragment",
  "/b/k l",
  "/b/\t",
  "/b/é",
  "/b/k?a=%",
  "/b/k?%FF",
  "/b/k?a=\u00e9",
])("%j is an invalid URI", (target) => {
  expect(() => splitTarget(target)).toThrow(invalidUri);
});

test("a query is split at ampersands alone, and at the first equals sign of each", () => {
  expect(parseQuery("a;b=c=d&&e&f=&=g")).toEqual([
    ["a;b", "c=d"],
    ["e", ""],
    ["f", ""],
    ["", "g"],
  ]);
});

test("a plus is a space in a query, and an escaped one a plus", () => {
  expect(parseQuery("pre+fix=a+b%2Bc%20d")).toEqual([["pre fix", "a b+c d"]]);
});

test("parameters named like an object's own members are parameters", () => {
  const { query } = splitTarget("/b?__proto__=x&constructor");
  expect([...query]).toEqual([
    ["__proto__", ["x"]],
    ["constructor", [""]],
  ]);
});

test("a hundred parameters are read and one more is refused, empty ones counted", () => {
  expect(parseQuery(Array.from({ length: 100 }, () => "a=1").join("&"))).toHaveLength(100);
  expect(() => parseQuery("a=1&".repeat(100))).toThrow(invalidUri);
  expect(() => parseQuery("&".repeat(100_000))).toThrow(invalidUri);
});

test("a parameter's name has at most 256 characters, its value any number", () => {
  expect(parseQuery(`${"n".repeat(256)}=${"v".repeat(10_000)}`)).toHaveLength(1);
  expect(() => parseQuery("n".repeat(257))).toThrow(invalidUri);
});

test("every copy source comes back as it went in, with and without its leading slash", () => {
  fc.assert(
    fc.property(anyBucket, anyKey, fc.boolean(), (bucket, key, slash) => {
      fc.pre(key !== "");
      const value = `${slash ? "/" : ""}${bucket}/${encodeKey(key)}`;
      expect(parseCopySource(value)).toEqual({ bucket, key });
      expect(parseCopySource(`${value}?versionId=v%2B1`)).toEqual({
        bucket,
        key,
        versionId: "v+1",
      });
    }),
  );
});

test.each([
  ["bucket%2Fkey", { bucket: "bucket", key: "key" }],
  ["bucket/a%2520b", { bucket: "bucket", key: "a%20b" }],
  ["bucket/a+b", { bucket: "bucket", key: "a+b" }],
  ["bucket/a b", { bucket: "bucket", key: "a b" }],
  ["bucket/a?b", { bucket: "bucket", key: "a?b" }],
  ["bucket/a%3FversionId=x", { bucket: "bucket", key: "a?versionId=x" }],
  [
    "bucket/a%3FversionId=x?versionId=y",
    { bucket: "bucket", key: "a?versionId=x", versionId: "y" },
  ],
  ["bucket/a?versionId=x?versionId=y", { bucket: "bucket", key: "a?versionId=x", versionId: "y" }],
  ["bucket//../k", { bucket: "bucket", key: "/../k" }],
  ["bucket/a%0Ab", { bucket: "bucket", key: "a\nb" }],
])("the copy source %j is %j", (value, expected) => {
  expect(parseCopySource(value)).toEqual(expected);
});

test.each([
  "",
  "/",
  "%",
  "%ZZ",
  "..",
  "bucket",
  "/bucket",
  "bucket/",
  "/bucket/",
  "//bucket/key",
  "bucket/%",
  "bucket/%FF",
  "bucket/é",
  "192.168.1.1/key",
  "Bucket/key",
  "../key",
  "bucket/key?versionId=",
  "bucket/key?versionId=%",
  "?versionId=v",
])("the copy source %j is an invalid argument", (value) => {
  const details = { ArgumentName: "x-amz-copy-source", ArgumentValue: value };
  expect(() => parseCopySource(value)).toThrow(
    expect.objectContaining({ code: "InvalidArgument", details }),
  );
});

test("a copy source by ARN is not implemented", () => {
  expect(() =>
    parseCopySource("arn:aws:s3:us-east-1:123456789012:accesspoint/name/object/key"),
  ).toThrow(expect.objectContaining({ code: "NotImplemented" }));
});
