import { expect, expectTypeOf, test } from "vitest";
import type { S3Error } from "../errors/s3-error.ts";
import { replying, type Reply } from "./connection.test.support.ts";
import { getObject, getObjectIfExists, type GetObjectOutput } from "./get-object.ts";
import { exists, headObject } from "./head-object.ts";
import type { NotModified } from "./read-object.ts";

const at = { bucket: "bucket", key: "key" };
const found = { headers: { etag: '"abc"', "content-length": "5" }, body: "hello" };
const lastModified = new Date("2024-02-29T10:11:12Z");

test("an object comes with its body, its metadata and what is known of it", async () => {
  const headers = {
    ...found.headers,
    "x-amz-meta-a": "=?UTF-8?B?w7w=?=",
    "x-amz-request-id": "R1",
  };
  const connection = replying(() => ({ ...found, headers }));
  const object = await getObject(connection, at);
  expect(await object.body.text()).toBe("hello");
  expect(object).toMatchObject({
    httpStatus: 200,
    requestId: "R1",
    etag: "abc",
    contentLength: 5,
    metadata: { a: "ü" },
  });
  expect(connection.calls[0]).toMatchObject({ method: "GET", answer: "stream", idempotent: true });
});

test("that nothing has changed is an answer and no error, for GET and HEAD", async () => {
  const headers = { etag: '"abc"', "last-modified": lastModified.toUTCString() };
  const connection = replying(() => ({ status: 304, headers }));
  const read = await getObject(connection, { ...at, ifNoneMatch: "abc" });
  const head = await headObject(connection, { ...at, ifModifiedSince: lastModified });
  for (const one of [read, head]) {
    expect(one).toMatchObject({ httpStatus: 304, notModified: true, etag: "abc", lastModified });
  }
  expect(connection.calls.map((call) => call.accepts)).toEqual([[304], [304]]);
  expect(connection.calls[0]?.headers?.["if-none-match"]).toBe('"abc"');
});

test("only a read that sets such a condition has to tell the two apart", () => {
  const connection = replying(() => found);
  expectTypeOf(getObject(connection, at)).resolves.toEqualTypeOf<GetObjectOutput>();
  expectTypeOf(getObject(connection, { ...at, ifNoneMatch: "x" })).resolves.toEqualTypeOf<
    GetObjectOutput | NotModified
  >();
});

test.each([
  ["no etag", { headers: {} }],
  ["a length that is no number", { headers: { etag: '"a"', "content-length": "1e3" } }],
  ["a date that is none", { headers: { etag: '"a"', "last-modified": "yesterday" } }],
])("an answer with %s is not S3's", async (_what, answer) => {
  const reading = headObject(
    replying(() => answer),
    at,
  );
  await expect(reading).rejects.toMatchObject({
    name: "S3ServerError",
    errorCode: "MalformedResponse",
    operation: "HeadObject",
    statusCode: 200,
  });
});

test.each([
  [{ start: 0 }, "bytes=0-", "bytes 0-19/20"],
  [{ start: 3, end: 9 }, "bytes=3-9", "bytes 3-9/20"],
  [{ start: 3, end: 29 }, "bytes=3-29", "bytes 3-19/20"],
  [{ last: 7 }, "bytes=-7", "bytes 13-19/20"],
  [{ last: 70 }, "bytes=-70", "bytes 0-19/20"],
])("the range %j is asked for as %s, and %s is an answer to it", async (range, header, sent) => {
  const headers = { etag: '"abc"', "content-range": sent };
  const connection = replying(() => ({ ...found, status: 206, headers }));
  await getObject(connection, { ...at, range });
  expect(connection.calls[0]?.headers?.["range"]).toBe(header);
});

test("the whole object is not taken for the range that was asked for", async () => {
  const whole = getObject(
    replying(() => found),
    { ...at, range: { start: 3, end: 9 } },
  );
  await expect(whole).rejects.toMatchObject({ errorCode: "MalformedResponse", statusCode: 200 });
});

test.each([{ start: -1 }, { start: 0.5 }, { last: Number.NaN }])(
  "the range %j is refused before anything is sent",
  async (range) => {
    const connection = replying(() => found);
    await expect(getObject(connection, { ...at, range })).rejects.toMatchObject({
      errorCode: "InvalidRequest",
    });
    expect(connection.calls).toEqual([]);
  },
);

const emptyPage = {
  body: "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>",
};
const inferred: Reply = { failure: { code: "NotFound", status: 404, codeInferred: true } };

test("an object exists when it is there, told by one request", async () => {
  const connection = replying(() => found);
  expect(await exists(connection, at)).toBe(true);
  expect(connection.calls.map((call) => call.operation)).toEqual(["HeadObject"]);
});

test("an object does not exist when its bucket is there and has no such key", async () => {
  const connection = replying((call) => (call.method === "HEAD" ? inferred : emptyPage));
  expect(await exists(connection, at)).toBe(false);
  expect(connection.calls.map((call) => call.operation)).toEqual(["HeadObject", "ListObjectsV2"]);
});

const unanswered: readonly (readonly [string, Reply, Reply, string])[] = [
  [
    "its bucket is missing",
    inferred,
    { failure: { code: "NoSuchBucket", status: 404 } },
    "NoSuchBucket",
  ],
  [
    "it may not be looked at",
    { failure: { code: "AccessDenied", status: 403, codeInferred: true } },
    emptyPage,
    "AccessDenied",
  ],
  [
    "the service fails",
    { failure: { code: "InternalError", status: 500, codeInferred: true } },
    emptyPage,
    "InternalError",
  ],
  [
    "a stranger says 200",
    { headers: { "content-type": "text/html" } },
    emptyPage,
    "MalformedResponse",
  ],
  [
    "a stranger says 404 to everything",
    inferred,
    { failure: { code: "NotFound", status: 404, codeInferred: true } },
    "NotFound",
  ],
  ["a stranger says 404 and then 200", inferred, { body: "" }, "MalformedResponse"],
];

test.each(unanswered)("whether an object exists is not answered when %s", async (...row) => {
  const [, head, list, errorCode] = row;
  const connection = replying((call) => (call.method === "HEAD" ? head : list));
  await expect(exists(connection, at)).rejects.toMatchObject({ errorCode });
});

test("an object is had if it exists, by one request", async () => {
  const present = replying(() => found);
  expect((await getObjectIfExists(present, at))?.etag).toBe("abc");
  const missing = replying(() => ({ failure: { code: "NoSuchKey", status: 404 } }));
  expect(await getObjectIfExists(missing, at)).toBeUndefined();
  expect(missing.calls).toHaveLength(1);
});

test.each([
  { code: "NoSuchBucket", status: 404 },
  { code: "NotFound", status: 404, codeInferred: true },
  { code: "AccessDenied", status: 403 },
  { code: "SlowDown", status: 503 },
])("that there is no object is not concluded from $code", async (failure) => {
  const connection = replying(() => ({ failure }));
  const reading: Promise<unknown> = getObjectIfExists(connection, at);
  await expect(reading).rejects.toSatisfy((error: S3Error) => error.errorCode === failure.code);
});
