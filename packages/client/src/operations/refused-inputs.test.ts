import { expect, test } from "vitest";
import { S3Client } from "../client.ts";
import type { S3Error } from "../errors/s3-error.ts";

const at = { bucket: "bucket", key: "key" };

/** Nothing listens there: whatever is sent is a transport error. */
function unreachable(): S3Client {
  const credentials = { accessKeyId: "id", secretAccessKey: "secret" };
  return new S3Client({ region: "us-east-1", endpoint: "http://127.0.0.1:9", credentials });
}

const mistakes: readonly (readonly [string, (s3: S3Client) => Promise<unknown>])[] = [
  ["no bucket", (s3) => s3.putObject({ bucket: "", key: "k" })],
  ["a bucket that is a path", (s3) => s3.headBucket({ bucket: "a/b" })],
  [
    "an empty key, which would delete the bucket",
    (s3) => s3.deleteObject({ bucket: "b", key: "" }),
  ],
  ["a key that is too long", (s3) => s3.headObject({ bucket: "b", key: "k".repeat(1025) })],
  ["half a surrogate pair", (s3) => s3.headObject({ bucket: "b", key: "\uD800" })],
  [
    "metadata with a name that none may have",
    (s3) => s3.putObject({ ...at, metadata: { "a b": "" } }),
  ],
  ["a header with a line end", (s3) => s3.putObject({ ...at, cacheControl: "a\r\nx-amz-acl: b" })],
  ["a header beyond Latin-1", (s3) => s3.putObject({ ...at, contentDisposition: "漢" })],
  [
    "a customer key of 16 bytes",
    (s3) => s3.putObject({ ...at, sseCustomerKey: new Uint8Array(16) }),
  ],
  ["part 0", (s3) => s3.uploadPart({ ...at, uploadId: "u", partNumber: 0 })],
  ["part 10,001", (s3) => s3.uploadPart({ ...at, uploadId: "u", partNumber: 10_001 })],
  ["a range backwards from nothing", (s3) => s3.getObject({ ...at, range: { start: -5 } })],
];

test.each(mistakes)(
  "%s is refused before anything is sent, and not tried again",
  async (...row) => {
    const [, make] = row;
    await using s3 = unreachable();
    const error: S3Error = await make(s3).then(
      () => Promise.reject(new Error("it was sent")),
      (failure: S3Error) => failure,
    );
    expect(error).toMatchObject({ retryable: false, statusCode: undefined });
    expect(["S3InvalidRequestError", "S3ClientError"]).toContain(error.name);
    expect(error.history.length).toBeLessThanOrEqual(1);
  },
);

const upload = { ...at, body: "x" };

/** Methods, and what a program without types may call them with. */
const untyped: readonly (readonly [string, string, object])[] = [
  ["a delete without a key, which would be the bucket's", "deleteObject", { bucket: "b" }],
  ["a put without a key, which would create a bucket", "putObject", { bucket: "b" }],
  ["a read without a key, which would list", "getObject", { bucket: "b" }],
  ["a delete of null", "deleteObject", { bucket: "b", key: null }],
  ["a delete without a bucket", "deleteObject", { key: "k" }],
  ["a look at no bucket", "headBucket", {}],
  ["an abort without an upload, which would delete the object", "abortMultipartUpload", at],
  ["an abort of a nameless upload", "abortMultipartUpload", { ...at, uploadId: "" }],
  ["a part without an upload, which would be the object", "uploadPart", { ...at, partNumber: 1 }],
  ["a free request with a key and no bucket", "request", { method: "GET", key: "k" }],
  ["a free request without a method", "request", { bucket: "b" }],
  ["a URL without a key", "presignDelete", { bucket: "b" }],
  ["a URL of a part without an upload", "presignUploadPart", { ...at, partNumber: 1 }],
  ["a form without a key", "presignPost", { bucket: "b" }],
  ["a checksum that is but a name", "putObject", { ...at, checksum: "crc32" }],
  [
    "a checksum without a value",
    "uploadPart",
    { ...at, uploadId: "u", partNumber: 1, checksum: { algorithm: "CRC32" } },
  ],
  ["a range in words", "getObject", { ...at, range: "bytes=0-1" }],
  ["a range that ends before it starts", "getObject", { ...at, range: { start: 5, end: 1 } }],
  ["a signal that is none", "headObject", { ...at, signal: new AbortController() }],
  ["an upload without a body", "upload", at],
  ["an upload of parts of no size", "upload", { ...upload, partBytes: Number.NaN }],
  ["an upload of no parts at a time", "upload", { ...upload, concurrency: 0 }],
  ["an upload with a signal that is none", "upload", { ...upload, signal: {} }],
];

test.each(untyped)("%s is refused, though no type says so", async (...row) => {
  const [, method, input] = row;
  await using s3 = unreachable();
  const call: unknown = Reflect.get(s3, method);
  if (typeof call !== "function") throw new TypeError(`there is no ${method}`);
  await expect(Reflect.apply(call, s3, [input])).rejects.toMatchObject({
    name: "S3InvalidRequestError",
    attempts: expect.toSatisfy((attempts: number) => attempts <= 1),
  });
});

test("what is not refused is sent", async () => {
  await using s3 = unreachable();
  await expect(s3.headObject(at)).rejects.toMatchObject({ errorCode: "ECONNREFUSED" });
});
