import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { S3Client, type PresignedUrl } from "@holdfast/client";
import { startLocalGateway, type LocalGateway } from "../proofs/local-gateway.ts";
import { region, rootCredential } from "../proofs/root-credential.ts";

const bucket = "proofs";

/** Each is renamed, refused or wrongly signed by some client: clients send dot segments normalised, and so on. */
const hostileKeys: readonly string[] = [
  "plain",
  "a b",
  " lead and trail ",
  "a+b",
  "a%2Fb",
  "%41",
  "100%",
  "/lead",
  "trail/",
  "a//b",
  "a/../b",
  "./x",
  "..",
  "a/.",
  "a\\b",
  "ü",
  "u\u0308",
  "🗝️/👩‍👩‍👧",
  "x\ry",
  "x\r\ny",
  "tab\t",
  "\u0001\u001f\u007f",
  "\uFFFE\uFFFF",
  "a?b#c&d=e;f",
  "a&amp;b<c>\"d'",
  "~!*'()@$,;:=[]{}|^`",
  "0x10",
  "true",
  "__proto__",
  "ä".repeat(512),
];

let local: LocalGateway;
let s3: S3Client;

beforeAll(async () => {
  local = await startLocalGateway();
  const endpoint = `http://127.0.0.1:${local.port}`;
  s3 = new S3Client({ region, endpoint, credentials: rootCredential });
});

afterAll(async () => {
  s3.close();
  await local.close();
});

async function listed(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of s3.listObjects({ bucket, maxKeys: 7 })) keys.push(key);
  return keys;
}

/** Sends a presigned request with its target as it is: a web URL would lose its dot segments. */
function fetchRaw({ method, url, headers }: PresignedUrl, body = ""): Promise<string> {
  const { host, port } = new URL(url);
  const path = url.slice(url.indexOf(host) + host.length);
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.once("error", reject);
      answer.once("end", () => resolve(`${answer.statusCode} ${Buffer.concat(pieces).toString()}`));
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

test(`${hostileKeys.length} hostile keys are stored, read, listed and deleted as what they are`, async () => {
  for (const key of hostileKeys) {
    expect(await s3.exists({ bucket, key })).toBe(false);
    await s3.putObject({ bucket, key, body: key, metadata: { key } });
  }
  const inOrder = hostileKeys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(await listed()).toEqual(inOrder);
  for (const key of hostileKeys) {
    const object = await s3.getObject({ bucket, key });
    expect(await object.body.text()).toBe(key);
    const head = await s3.headObject({ bucket, key });
    expect([head.etag, head.contentLength]).toEqual([object.etag, Buffer.byteLength(key)]);
    expect(await s3.exists({ bucket, key })).toBe(true);
  }
  const { outcomes, failed } = await s3.deleteObjects({ bucket, objects: hostileKeys });
  expect(failed).toEqual([]);
  expect(outcomes.map(({ key }) => key)).toEqual(hostileKeys);
  expect(await listed()).toEqual([]);
});

test("the same keys are presigned, copied and uploaded in parts", async () => {
  for (const key of hostileKeys) {
    const put = await s3.presignPut({ bucket, key, contentType: "text/plain" });
    expect(await fetchRaw(put, key)).toBe("200 ");
    expect(await fetchRaw(await s3.presignGet({ bucket, key }))).toBe(`200 ${key}`);
    await s3.copyObject({ bucket, key: "copy", copySource: { bucket, key } });
    const copied = await s3.getObject({ bucket, key: "copy" });
    expect(await copied.body.text()).toBe(key);
    expect(await fetchRaw(await s3.presignDelete({ bucket, key }))).toBe("204 ");
    const { uploadId } = await s3.createMultipartUpload({ bucket, key });
    const { etag } = await s3.uploadPart({ bucket, key, uploadId, partNumber: 1, body: key });
    const { uploads } = await s3.listMultipartUploads({ bucket }).page();
    expect(uploads.map((upload) => [upload.key, upload.uploadId])).toEqual([[key, uploadId]]);
    const parts = [{ partNumber: 1, etag }];
    await s3.completeMultipartUpload({ bucket, key, uploadId, parts });
    const joined = await s3.getObject({ bucket, key });
    expect(await joined.body.text()).toBe(key);
    await s3.deleteObject({ bucket, key });
  }
  await s3.deleteObject({ bucket, key: "copy" });
  expect(await listed()).toEqual([]);
});

test("metadata comes back as it was given, whatever its characters", async () => {
  const metadata = {
    plain: "x y",
    umlaut: "ü",
    control: "a\r\nb: c",
    space: " a ",
    word: "=?UTF-8?B?YQ==?=",
  };
  await s3.putObject({ bucket, key: "meta", body: "", metadata });
  const head = await s3.headObject({ bucket, key: "meta" });
  expect(head.metadata).toEqual(metadata);
  await s3.deleteObject({ bucket, key: "meta" });
});

test("a bucket that is not there is never an object that is not there", async () => {
  const missing = { bucket: "no-such-bucket", key: "k" };
  const notFound = { name: "S3NotFoundError", errorCode: "NoSuchBucket" };
  await expect(s3.exists(missing)).rejects.toMatchObject(notFound);
  await expect(s3.getObjectIfExists(missing)).rejects.toMatchObject(notFound);
  expect(await s3.getObjectIfExists({ bucket, key: "k" })).toBeUndefined();
});

test("conditions are answers: nothing changed, or the write refused", async () => {
  const at = { bucket, key: "conditional" };
  const { etag } = await s3.putObject({ ...at, body: "1", ifNoneMatch: "*" });
  await expect(s3.putObject({ ...at, body: "2", ifNoneMatch: "*" })).rejects.toMatchObject({
    name: "S3PreconditionFailedError",
  });
  expect(await s3.getObject({ ...at, ifNoneMatch: etag })).toMatchObject({
    notModified: true,
    etag,
  });
  await s3.putObject({ ...at, body: "3", ifMatch: etag });
  await expect(s3.putObject({ ...at, body: "4", ifMatch: etag })).rejects.toMatchObject({
    statusCode: 412,
  });
  await s3.deleteObject(at);
});
