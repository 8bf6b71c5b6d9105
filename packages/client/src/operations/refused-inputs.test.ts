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

test("what is not refused is sent", async () => {
  await using s3 = unreachable();
  await expect(s3.headObject(at)).rejects.toMatchObject({ errorCode: "ECONNREFUSED" });
});
