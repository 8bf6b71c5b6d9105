import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  documentOf,
  encodePath,
  fieldsOf,
  refusalOf,
  startSubject,
  type Answer,
  type Subject,
} from "../s3-subject.test.support.ts";

let subject: Subject;
let target: string;
let keys = 0;
beforeAll(async () => {
  subject = await startSubject();
  await subject.send({ method: "PUT", target: "/bucket" });
  await subject.send({ method: "PUT", target: "/source-bucket" });
  const headers = {
    "content-type": "text/plain",
    "x-amz-meta-a": "1",
    "x-amz-checksum-sha1": sha1,
  };
  await subject.send({ method: "PUT", target: "/source-bucket/k", headers, body: "source" });
});
afterAll(() => subject.close());
beforeEach(() => {
  target = `/bucket/copy-${(keys += 1)}`;
});

const sha1 = createHash("sha1").update("source").digest("base64");
type Headers = Record<string, string>;
const copy = (source: string, headers: Headers = {}): Promise<Answer> =>
  subject.send({ method: "PUT", target, headers: { "x-amz-copy-source": source, ...headers } });
const get = (at = target): Promise<Answer> =>
  subject.send({ method: "GET", target: at, headers: { "x-amz-checksum-mode": "ENABLED" } });

test("a copy has the bytes, the metadata and the checksum of its source", async () => {
  const answer = await copy("/source-bucket/k");
  expect(answer.status).toBe(200);
  const copied = await get();
  expect(copied.body.toString()).toBe("source");
  expect(copied.headers).toMatchObject({
    "content-type": "text/plain",
    "x-amz-meta-a": "1",
    "x-amz-checksum-sha1": sha1,
  });
  expect(documentOf(answer).name).toBe("CopyObjectResult");
  const { ETag, LastModified = "", ChecksumSHA1, ChecksumType } = fieldsOf(documentOf(answer));
  expect({ ETag, ChecksumSHA1, ChecksumType }).toEqual({
    ETag: copied.headers.etag,
    ChecksumSHA1: sha1,
    ChecksumType: "FULL_OBJECT",
  });
  expect(new Date(LastModified).toUTCString()).toBe(copied.headers["last-modified"]);
});

test("REPLACE gives it the metadata of the request, and COPY ignores that", async () => {
  const metadata = { "content-type": "text/html", "x-amz-meta-b": "2" };
  await copy("source-bucket/k", { ...metadata, "x-amz-metadata-directive": "REPLACE" });
  const { headers } = await get();
  expect(headers).toMatchObject(metadata);
  expect(headers["x-amz-meta-a"]).toBeUndefined();
  await copy("source-bucket/k", { ...metadata, "x-amz-metadata-directive": "COPY" });
  expect((await get()).headers).toMatchObject({
    "content-type": "text/plain",
    "x-amz-meta-a": "1",
  });
  expect(
    refusalOf(await copy("source-bucket/k", { "x-amz-metadata-directive": "x" })),
  ).toMatchObject({
    status: 400,
    Code: "InvalidArgument",
    ArgumentName: "x-amz-metadata-directive",
  });
});

test("a copy onto itself has to change the metadata", async () => {
  await subject.send({ method: "PUT", target, body: "itself", headers: { "x-amz-meta-a": "1" } });
  expect(refusalOf(await copy(target))).toMatchObject({ status: 400, Code: "InvalidRequest" });
  const replace = { "x-amz-metadata-directive": "REPLACE", "x-amz-meta-b": "2" };
  expect((await copy(target, replace)).status).toBe(200);
  const { headers, body } = await get();
  expect(body.toString()).toBe("itself");
  expect(headers["x-amz-meta-a"]).toBeUndefined();
  expect(headers["x-amz-meta-b"]).toBe("2");
});

test.each(["a b", "a+b", "a%b", "a%20b", "ü/😀", "/lead", "a//b", "..", "a?b", "a?versionId=x", "&<"])(
  "the source %j is found under its name, encoded once",
  async (key) => {
    const at = `/source-bucket/${encodePath(key)}`;
    expect((await subject.send({ method: "PUT", target: at, body: key })).status).toBe(200);
    expect((await copy(at)).status).toBe(200);
    expect((await get()).body.toString()).toBe(key);
  },
); // prettier-ignore

describe("conditions on the source", () => {
  const past = new Date(0).toUTCString();
  const future = new Date(Date.now() + 86_400_000).toUTCString();
  test.each<[Headers, number]>([
    [{ match: "ETAG" }, 200],
    [{ match: '"x"' }, 412],
    [{ "none-match": '"x"' }, 200],
    [{ "none-match": "ETAG" }, 412],
    [{ "modified-since": past }, 200],
    [{ "modified-since": future }, 412],
    [{ "unmodified-since": future }, 200],
    [{ "unmodified-since": past }, 412],
    [{ match: "ETAG", "unmodified-since": past }, 200],
    [{ "none-match": "ETAG", "modified-since": past }, 412],
  ])("%j is %i", async (conditions, status) => {
    const etag = (await get("/source-bucket/k")).headers.etag ?? "";
    const headers = Object.entries(conditions).map(([name, value]) => [
      `x-amz-copy-source-if-${name}`,
      value.replace("ETAG", etag),
    ]);
    const answer = await copy("source-bucket/k", Object.fromEntries(headers));
    expect(answer.status).toBe(status);
    expect((await get()).status).toBe(status === 200 ? 200 : 404);
  });
});

test("a condition on the target decides too", async () => {
  expect((await copy("source-bucket/k", { "if-none-match": "*" })).status).toBe(200);
  expect(refusalOf(await copy("source-bucket/k", { "if-none-match": "*" }))).toMatchObject({
    status: 412,
    Condition: "If-None-Match",
  });
});

test.each<[string, number, string]>([
  ["missing-bucket/k", 404, "NoSuchBucket"],
  ["source-bucket/missing", 404, "NoSuchKey"],
  ["source-bucket/k?versionId=abc", 404, "NoSuchVersion"],
  ["source-bucket/k?versionId=", 400, "InvalidArgument"],
  ["%ZZ", 400, "InvalidArgument"],
  ["%", 400, "InvalidArgument"],
  ["..", 400, "InvalidArgument"],
  ["foo/../../..", 404, "NoSuchBucket"],
  ["127.0.0.1/k", 400, "InvalidArgument"],
  ["source-bucket", 400, "InvalidArgument"],
  ["source-bucket/", 400, "InvalidArgument"],
  ["/", 400, "InvalidArgument"],
  ["source-bucket/%FF", 400, "InvalidArgument"],
  ["arn:aws:s3:::source-bucket/k", 501, "NotImplemented"],
])("the source %j is refused", async (source, status, code) => {
  const refusal = refusalOf(await copy(source));
  expect(refusal).toMatchObject({ status, Code: code });
  expect((await get()).status).toBe(404);
});

test("what a copy would leave out is refused", async () => {
  for (const headers of [
    { "x-amz-copy-source-range": "bytes=0-1" },
    { "x-amz-checksum-algorithm": "CRC32" },
    { "x-amz-tagging": "a=b", "x-amz-tagging-directive": "REPLACE" },
  ]) {
    expect(refusalOf(await copy("source-bucket/k", headers))).toMatchObject({ status: 501 });
    expect((await get()).status).toBe(404);
  }
  expect((await copy("source-bucket/k", { "x-amz-checksum-algorithm": "SHA1" })).status).toBe(200);
});

test("a copy into a bucket that is missing is refused, and so is one with a body", async () => {
  target = "/missing-bucket/k";
  expect(refusalOf(await copy("source-bucket/k"))).toMatchObject({ Code: "NoSuchBucket" });
  target = "/bucket/k";
  const headers = { "x-amz-copy-source": "source-bucket/k" };
  const answer = await subject.send({ method: "PUT", target, headers, body: "x" });
  expect(refusalOf(answer)).toMatchObject({ status: 400, Code: "InvalidRequest" });
});
