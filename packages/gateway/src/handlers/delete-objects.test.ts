import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { childrenNamed, childText } from "@holdfast/protocol";
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
let bucket: string;
let buckets = 0;
beforeAll(async () => {
  subject = await startSubject();
});
afterAll(() => subject.close());
beforeEach(async () => {
  bucket = `deletes-${(buckets += 1)}`;
  await subject.send({ method: "PUT", target: `/${bucket}` });
});

const at = (key: string): string => `/${bucket}/${encodePath(key)}`;
const put = (key: string): Promise<Answer> =>
  subject.send({ method: "PUT", target: at(key), body: "x" });
const exists = async (key: string): Promise<boolean> =>
  (await subject.send({ method: "HEAD", target: at(key) })).status === 200;

function post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
  const digest = { "content-md5": createHash("md5").update(body).digest("base64") };
  const sent = { ...digest, ...headers };
  return subject.send({ method: "POST", target: `/${bucket}?delete`, body, headers: sent });
}

const object = (key: string, more = ""): string =>
  `<Object><Key>${escape(key)}</Key>${more}</Object>`;
const escape = (text: string): string =>
  text.replaceAll(/[^\w/]/gu, (one) => `&#${one.codePointAt(0)};`);
const deletion = (objects: readonly string[], quiet = ""): string =>
  `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${quiet}${objects.join("")}</Delete>`;

function outcomes(answer: Answer): { deleted: string[]; errors: Record<string, string>[] } {
  const document = documentOf(answer);
  expect(document.name).toBe("DeleteResult");
  return {
    deleted: childrenNamed(document, "Deleted").map((one) => childText(one, "Key") ?? ""),
    errors: childrenNamed(document, "Error").map((one) => fieldsOf(one)),
  };
}

test("1000 keys go in one request, odd ones too, and 1001 are too many", async () => {
  const odd = ["a b", "a+b", "&<>\"'", "😀", "\u0001", "a//b", "/", "..", " lead and trail "];
  const keys = [...odd, ...Array.from({ length: 1000 - odd.length }, (_, index) => `k${index}`)];
  await Promise.all(keys.map((key) => put(key)));
  const more = deletion([...keys, "one-more"].map((key) => object(key)));
  expect(refusalOf(await post(more))).toMatchObject({ status: 400, Code: "MalformedXML" });
  expect(await exists("k1")).toBe(true);
  const { deleted, errors } = outcomes(await post(deletion(keys.map((key) => object(key)))));
  expect(deleted).toEqual(keys);
  expect(errors).toEqual([]);
  const list = await subject.send({ method: "GET", target: `/${bucket}?list-type=2` });
  expect(childText(documentOf(list), "KeyCount")).toBe("0");
});

test("a key that is missing, and one that stands twice, are told as deleted", async () => {
  await put("twice");
  const body = deletion([object("missing"), object("twice"), object("twice")]);
  expect(outcomes(await post(body)).deleted).toEqual(["missing", "twice", "twice"]);
});

test("quiet tells failures alone", async () => {
  await put("a");
  const bad = object("a", "<ETag>x</ETag>");
  const body = deletion([object("b"), bad, object("c")], "<Quiet>true</Quiet>");
  const { deleted, errors } = outcomes(await post(body));
  expect(deleted).toEqual([]);
  expect(errors).toMatchObject([{ Key: "a", Code: "PreconditionFailed" }]);
});

test("each failure is told by its own code and keeps no other key from being deleted", async () => {
  const etag = (await put("right")).headers.etag ?? "";
  for (const key of ["wrong", "dated", "sized", "plain"]) await put(key);
  const body = deletion([
    object("old", "<VersionId>3</VersionId>"),
    object("right", `<ETag>${escape(etag)}</ETag>`),
    object("wrong", "<ETag>0</ETag>"),
    object("gone", "<ETag>0</ETag>"),
    object("dated", "<LastModifiedTime>Wed, 21 Oct 2015 07:28:00 GMT</LastModifiedTime>"),
    object("sized", "<Size>7</Size>"),
    object("x".repeat(1025)),
    object("plain", "<VersionId>null</VersionId>"),
  ]);
  const { deleted, errors } = outcomes(await post(body));
  expect(deleted).toEqual(["right", "plain"]);
  expect(errors.map(({ Key, Code }) => [Key?.slice(0, 8), Code])).toEqual([
    ["old", "NoSuchVersion"],
    ["wrong", "PreconditionFailed"],
    ["gone", "NoSuchKey"],
    ["dated", "NotImplemented"],
    ["sized", "NotImplemented"],
    ["xxxxxxxx", "KeyTooLongError"],
  ]);
  for (const { Message } of errors) expect(Message).toMatch(/\w/);
  for (const key of ["wrong", "dated", "sized"]) expect(await exists(key)).toBe(true);
});

test.each<[string, string]>([
  ["no XML", "delete it all"],
  ["another root", "<Remove><Object><Key>a</Key></Object></Remove>"],
  ["nothing to delete", "<Delete/>"],
  ["an object without a key", "<Delete><Object/></Delete>"],
  ["an empty key", "<Delete><Object><Key></Key></Object></Delete>"],
  ["two keys in an object", "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>"],
  ["an unknown element", "<Delete><Object><Key>a</Key></Object><All/></Delete>"],
  ["an unknown condition", "<Delete><Object><Key>a</Key><If>x</If></Object></Delete>"],
  ["a document that breaks off", "<Delete><Object><Key>a</Key></Object>"],
  ["a doctype", "<!DOCTYPE Delete><Delete><Object><Key>a</Key></Object></Delete>"],
])("%s is malformed and deletes nothing", async (_, body) => {
  await put("a");
  expect(refusalOf(await post(body))).toMatchObject({ status: 400, Code: "MalformedXML" });
  expect(await exists("a")).toBe(true);
});

test("a request without a digest, with a wrong one, or without a body deletes nothing", async () => {
  await put("a");
  const body = deletion([object("a")]);
  const send = (headers: Record<string, string>): Promise<Answer> =>
    subject.send({ method: "POST", target: `/${bucket}?delete`, body, headers });
  expect(refusalOf(await send({}))).toMatchObject({ status: 400, Code: "InvalidRequest" });
  const wrong = { "content-md5": createHash("md5").update("x").digest("base64") };
  expect(refusalOf(await send(wrong))).toMatchObject({ Code: "BadDigest" });
  expect(refusalOf(await send({ "x-amz-checksum-crc32": "AAAAAA==" }))).toMatchObject({
    Code: "BadDigest",
  });
  expect(refusalOf(await post(""))).toMatchObject({ Code: "MissingRequestBodyError" });
  expect(await exists("a")).toBe(true);
});

test("a bucket that is missing is told", async () => {
  bucket = "missing-bucket";
  const answer = await post(deletion([object("a")]));
  expect(refusalOf(answer)).toMatchObject({ status: 404, Code: "NoSuchBucket" });
});

const remove = (key: string, headers: Record<string, string> = {}): Promise<Answer> =>
  subject.send({ method: "DELETE", target: at(key), headers });

describe("the delete of one object", () => {
  test("is 204 whether or not it was there", async () => {
    await put("a");
    expect((await remove("a")).status).toBe(204);
    expect(await exists("a")).toBe(false);
    expect((await remove("a")).status).toBe(204);
  });

  test("obeys If-Match", async () => {
    const etag = (await put("a")).headers.etag ?? "";
    expect(refusalOf(await remove("a", { "if-match": '"x"' }))).toMatchObject({ status: 412 });
    expect(await exists("a")).toBe(true);
    expect((await remove("a", { "if-match": etag })).status).toBe(204);
    expect((await remove("a", { "if-match": etag })).status).toBe(404);
    await put("a");
    expect((await remove("a", { "if-match": "*" })).status).toBe(204);
  });

  test.each([
    { "if-none-match": "*" },
    { "if-unmodified-since": new Date().toUTCString() },
    { "x-amz-if-match-size": "7" },
    { "x-amz-if-match-last-modified-time": new Date().toUTCString() },
    { "x-amz-mfa": "1 2" },
  ])("does not leave out %j", async (headers) => {
    await put("a");
    expect(refusalOf(await remove("a", headers))).toMatchObject({ status: 501 });
    expect(await exists("a")).toBe(true);
  });

  test("of a missing bucket is refused", async () => {
    bucket = "missing-bucket";
    expect(refusalOf(await remove("a"))).toMatchObject({ Code: "NoSuchBucket" });
  });
});
