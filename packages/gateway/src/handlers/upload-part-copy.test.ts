import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { documentOf, fieldsOf, refusalOf, startSubject, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore
import { beginUpload, type Upload } from "../upload-in-parts.test.support.ts";

let subject: Subject;
let upload: Upload;
let keys = 0;
const source = "/bucket/the%20source%25.txt";
beforeAll(async () => {
  subject = await startSubject();
  await subject.send({ method: "PUT", target: "/bucket" });
  await subject.send({ method: "PUT", target: source, body: "0123456789" });
});
afterAll(() => subject.close());
beforeEach(async () => {
  upload = await beginUpload(subject, `/bucket/key-${(keys += 1)}`);
});

test.each<[string | undefined, string]>([
  [undefined, "0123456789"],
  ["bytes=0-9", "0123456789"],
  ["bytes=3-3", "3"],
  ["bytes=2-5", "2345"],
])("a part is copied from the range %s", async (range, text) => {
  const headers = range === undefined ? {} : { "x-amz-copy-source-range": range };
  const answer = await upload.copyPart(1, source, headers);
  const etag = `"${createHash("md5").update(text).digest("hex")}"`;
  expect(documentOf(answer).name).toBe("CopyPartResult");
  expect(fieldsOf(documentOf(answer))).toMatchObject({
    ETag: etag,
    LastModified: expect.stringMatching(/Z$/),
  });
  expect((await upload.complete([[1, etag]])).status).toBe(200);
  const stored = await subject.send({ method: "GET", target: upload.target });
  expect(stored.body.toString()).toBe(text);
});

test.each<[string, number, string]>([
  ["bytes=0-10", 416, "InvalidRange"],
  ["bytes=10-11", 416, "InvalidRange"],
  ["bytes=5-2", 400, "InvalidArgument"],
  ["bytes=-3", 400, "InvalidArgument"],
  ["bytes=3-", 400, "InvalidArgument"],
  ["0-1", 400, "InvalidArgument"],
  ["bytes=0-1,3-4", 400, "InvalidArgument"],
  ["", 400, "InvalidArgument"],
])("the range %j copies nothing", async (range, status, code) => {
  const answer = await upload.copyPart(1, source, { "x-amz-copy-source-range": range });
  expect(refusalOf(answer)).toMatchObject({ status, Code: code });
  expect(fieldsOf(documentOf(await upload.list()))).not.toHaveProperty("Part");
});

test.each<[string, Record<string, string>, number, string]>([
  ["/bucket/missing", {}, 404, "NoSuchKey"],
  ["/missing-bucket/k", {}, 404, "NoSuchBucket"],
  ["/bucket/%ZZ", {}, 400, "InvalidArgument"],
  [source, { "x-amz-copy-source-if-match": '"x"' }, 412, "PreconditionFailed"],
  [source, { "x-amz-copy-source-if-none-match": "*" }, 412, "PreconditionFailed"],
])("the source %s with %j is refused", async (...row) => {
  const [from, headers, status, code] = row;
  expect(refusalOf(await upload.copyPart(1, from, headers))).toMatchObject({ status, Code: code });
});

test("a part number that is none, and a body, are refused", async () => {
  expect(refusalOf(await upload.copyPart(0, source))).toMatchObject({ Code: "InvalidArgument" });
  expect(refusalOf(await upload.copyPart(10_001, source))).toMatchObject({
    Code: "InvalidArgument",
  });
  const answer = await upload.part(1, "x", { "x-amz-copy-source": source });
  expect(refusalOf(answer)).toMatchObject({ status: 400, Code: "InvalidRequest" });
});
