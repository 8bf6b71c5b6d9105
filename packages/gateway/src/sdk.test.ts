import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListPartsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  credentials,
  region,
  startSubject,
  type Subject,
  subjectsForward,
} from "./s3-subject.test.support.ts";

let subject: Subject;
let sdk: S3Client;
const Bucket = "sdk-bucket";
const keys = [
  "a",
  "a b",
  "a+b",
  "a%20b",
  "ü/😀",
  "&<>\"'",
  "\u0001",
  "//",
  "/lead",
  "a..",
  "__proto__",
  // It leads above its bucket, and before an upstream that is refused.
  ...(subjectsForward() ? [] : [".."]),
];

beforeAll(async () => {
  subject = await startSubject();
  const { endpoint } = subject.gateway;
  sdk = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  await sdk.send(new CreateBucketCommand({ Bucket }));
  for (const Key of keys) await sdk.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
});
afterAll(async () => {
  sdk.destroy();
  await subject.close();
});

test("reads back every key under its own name", async () => {
  for (const Key of keys) {
    const { Body } = await sdk.send(new GetObjectCommand({ Bucket, Key }));
    expect(await Body?.transformToString()).toBe(Key);
  }
});

test.each([undefined, "url"] as const)(
  "pages through a listing encoded as %s",
  async (encoding) => {
    const found: string[] = [];
    const pages = paginateListObjectsV2(
      { client: sdk, pageSize: 2 },
      { Bucket, ...(encoding === undefined ? {} : { EncodingType: encoding }) },
    );
    for await (const { Contents = [] } of pages) {
      found.push(...Contents.map(({ Key = "" }) => Key));
    }
    const decoded = encoding === "url" ? found.map((key) => decodeURIComponent(key)) : found;
    const sorted = keys.toSorted((one, other) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
    expect(decoded).toEqual(sorted);
  },
);

test("sees common prefixes, owners and the buckets", async () => {
  const page = await sdk.send(new ListObjectsCommand({ Bucket, Delimiter: "/" }));
  expect(page.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(["/", "ü/"]);
  expect(page.Contents?.[0]?.Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
  const { Buckets } = await sdk.send(new ListBucketsCommand({}));
  expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
});

test("stores a stream, whose checksum travels in a trailer", async () => {
  const Body = Readable.from([Buffer.alloc(100_000, "a"), Buffer.alloc(100_000, "b")]);
  const ContentLength = 200_000;
  const put = await sdk.send(new PutObjectCommand({ Bucket, Key: "stream", Body, ContentLength }));
  const head = await sdk.send(
    new HeadObjectCommand({ Bucket, Key: "stream", ChecksumMode: "ENABLED" }),
  );
  expect(head.ContentLength).toBe(ContentLength);
  expect(head.ContentEncoding).toBeUndefined();
  expect(head.ChecksumCRC32).toBe(put.ChecksumCRC32);
  await sdk.send(new DeleteObjectCommand({ Bucket, Key: "stream" }));
});

test("copies a key and deletes many", async () => {
  const CopySource = `${Bucket}/${encodeURIComponent("a+b")}`;
  const copied = await sdk.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
  expect(copied.CopyObjectResult?.ETag).toMatch(/^"[0-9a-f]{32}"$/);
  const Objects = [{ Key: "copy" }, { Key: "none" }];
  const { Deleted, Errors } = await sdk.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
  );
  expect([Deleted, Errors]).toEqual([Objects, undefined]);
});

/** The name and status of the exception that the SDK makes of a refusal. */
async function refusal(sending: Promise<unknown>): Promise<readonly [string, number | undefined]> {
  const error: unknown = await sending.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof S3ServiceException)) throw new Error("not refused", { cause: error });
  return [error.name, error.$metadata.httpStatusCode];
}

test("tells each refusal by its own name", async () => {
  const Key = "none";
  expect(await refusal(sdk.send(new GetObjectCommand({ Bucket, Key })))).toEqual([
    "NoSuchKey",
    404,
  ]);
  expect(await refusal(sdk.send(new HeadObjectCommand({ Bucket, Key })))).toEqual([
    "NotFound",
    404,
  ]);
  const missing = { Bucket: "missing-bucket" };
  expect(await refusal(sdk.send(new HeadBucketCommand(missing)))).toEqual(["NotFound", 404]);
  expect(await refusal(sdk.send(new ListObjectsCommand(missing)))).toEqual(["NoSuchBucket", 404]);
  expect(await refusal(sdk.send(new CreateBucketCommand({ Bucket })))).toEqual([
    "BucketAlreadyOwnedByYou",
    409,
  ]);
  expect(await refusal(sdk.send(new DeleteBucketCommand({ Bucket })))).toEqual([
    "BucketNotEmpty",
    409,
  ]);
  const upload = { Bucket, Key, UploadId: "none" };
  expect(await refusal(sdk.send(new ListPartsCommand(upload)))).toEqual(["NoSuchUpload", 404]);
  const first = new PutObjectCommand({ Bucket, Key: "a", Body: "x", IfNoneMatch: "*" });
  expect(await refusal(sdk.send(first))).toEqual(["PreconditionFailed", 412]);
  const stranger = new S3Client({
    endpoint: subject.gateway.endpoint,
    region,
    forcePathStyle: true,
    credentials: { ...credentials, secretAccessKey: "wrong" },
  });
  expect(await refusal(stranger.send(new GetObjectCommand({ Bucket, Key })))).toEqual([
    "SignatureDoesNotMatch",
    401,
  ]);
  stranger.destroy();
});
