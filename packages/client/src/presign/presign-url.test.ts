import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { readAuthorization, SigningKeys, verify } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { endpointOf } from "../endpoints/endpoint.ts";
import type { PresignContext } from "./context.ts";
import {
  presignDelete,
  presignGet,
  presignHead,
  presignPut,
  presignUploadPart,
  type PresignedUrl,
} from "./presign-url.ts";

const region = "eu-north-1";
const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "a secret",
};
/** The protocol's verifier knows no sessions, the AWS SDK does. */
const session = { ...credentials, sessionToken: "session+token/=" };
const now = Date.UTC(2026, 1, 3, 4, 5, 6, 789);
const context: PresignContext = {
  credentials,
  region,
  now,
  endpoint: endpointOf({
    endpoint: "http://localhost:9000",
    region,
    addressing: "path",
    provider: undefined,
  }),
};
const at = { bucket: "bucket", key: "a b/ü+%2F//../x'()*!" };
const theirAt = { Bucket: at.bucket, Key: at.key };

/** Throws unless the URL, sent with its headers and no others, is what was signed. */
function check({ method, url, headers }: PresignedUrl, atMs = now): void {
  const { host, pathname, search } = new URL(url);
  const target = url.slice(url.indexOf(host) + host.length);
  expect(target.startsWith("/")).toBe(true);
  expect(pathname.length + search.length).toBeGreaterThan(0);
  const rawHeaders = Object.entries({ ...headers, host }).flat();
  const presented = readAuthorization({ method, target, rawHeaders }, { region });
  if (presented === undefined) throw new Error("the URL is not signed");
  verify(presented, { secret: credentials.secretAccessKey, now: atMs, keys: new SigningKeys() });
}

const rows: readonly (readonly [
  string,
  (context: PresignContext) => PresignedUrl,
  (s3: S3Client) => Promise<string>,
])[] = [
  [
    "GET",
    (by) =>
      presignGet(by, {
        ...at,
        versionId: "v1",
        responseContentDisposition: 'attachment; filename="ü x"',
        expiresSeconds: 604_800,
      }),
    (s3) =>
      getSignedUrl(
        s3,
        new GetObjectCommand({
          ...theirAt,
          VersionId: "v1",
          ResponseContentDisposition: 'attachment; filename="ü x"',
        }),
        { expiresIn: 604_800, signingDate: new Date(now) },
      ),
  ],
  [
    "HEAD",
    (by) => presignHead(by, at),
    (s3) =>
      getSignedUrl(s3, new HeadObjectCommand(theirAt), {
        expiresIn: 3600,
        signingDate: new Date(now),
      }),
  ],
  [
    "PUT",
    (by) => presignPut(by, { ...at, contentType: "text/html", expiresSeconds: 60 }),
    (s3) =>
      getSignedUrl(s3, new PutObjectCommand({ ...theirAt, ContentType: "text/html" }), {
        expiresIn: 60,
        signingDate: new Date(now),
        signableHeaders: new Set(["content-type", "host"]),
      }),
  ],
  [
    "DELETE",
    (by) => presignDelete(by, { ...at, versionId: "v1" }),
    (s3) =>
      getSignedUrl(s3, new DeleteObjectCommand({ ...theirAt, VersionId: "v1" }), {
        expiresIn: 3600,
        signingDate: new Date(now),
      }),
  ],
  [
    "UploadPart",
    (by) => presignUploadPart(by, { ...at, uploadId: "u/1", partNumber: 7 }),
    (s3) =>
      getSignedUrl(s3, new UploadPartCommand({ ...theirAt, UploadId: "u/1", PartNumber: 7 }), {
        expiresIn: 3600,
        signingDate: new Date(now),
      }),
  ],
];

/** What a URL asks for: all but the signature, which covers the SDK's own additions as well. */
function asked(url: string): object {
  const { origin, searchParams } = new URL(url);
  const path = url.slice(origin.length).split("?")[0];
  const ignored = new Set(["X-Amz-Signature", "X-Amz-Content-Sha256", "x-id"]);
  const query = [...searchParams].filter(([name]) => !ignored.has(name));
  return { origin, path, query: query.toSorted(([a], [b]) => a.localeCompare(b)) };
}

test.each(rows)(
  "%s is presigned as the AWS SDK presigns it, without what it adds",
  async (...row) => {
    const [, ours, theirs] = row;
    const s3 = new S3Client({
      region,
      credentials: session,
      endpoint: "http://localhost:9000",
      forcePathStyle: true,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
    check(ours(context));
    const signed = ours({ ...context, credentials: session });
    expect(asked(signed.url)).toEqual(asked(await theirs(s3)));
    expect(signed.url).not.toMatch(/x-id|checksum|sdk/i);
    s3.destroy();
  },
);

test("headers that are asked for are signed and told, and no others", () => {
  expect(presignPut(context, at).headers).toEqual({});
  const signed = presignPut(context, {
    ...at,
    contentLength: 5,
    ifNoneMatch: "*",
    metadata: { a: "ü" },
    tagging: { t: "1" },
    checksum: { algorithm: "SHA256", value: "abc=" },
    sseCustomerKey: new Uint8Array(32),
  });
  expect(Object.keys(signed.headers).toSorted()).toEqual([
    "content-length",
    "if-none-match",
    "x-amz-checksum-sha256",
    "x-amz-meta-a",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-server-side-encryption-customer-key-md5",
    "x-amz-tagging",
  ]);
  check(signed);
  const changed = { ...signed, headers: { ...signed.headers, "x-amz-tagging": "t=2" } };
  expect(() => check(changed)).toThrow(expect.objectContaining({ code: "SignatureDoesNotMatch" }));
});

test("it holds until the time that it says, and no longer", () => {
  const signed = presignGet(context, { ...at, expiresSeconds: 10 });
  expect(signed.expiresAt).toEqual(new Date(Date.UTC(2026, 1, 3, 4, 5, 16)));
  check(signed, signed.expiresAt.getTime() - 1000);
  expect(() => check(signed, signed.expiresAt.getTime() + 1000)).toThrow(
    expect.objectContaining({ code: "AccessDenied" }),
  );
});

test("it does not outlive the credentials", () => {
  const expiration = new Date(now + 5000);
  const short = { ...context, credentials: { ...credentials, expiration } };
  expect(presignGet(short, at).expiresAt).toEqual(expiration);
});

test.each([0, -1, 1.5, 604_801, Number.NaN])("it cannot hold %d seconds", (expiresSeconds) => {
  expect(() => presignGet(context, { ...at, expiresSeconds })).toThrow(
    expect.objectContaining({ name: "S3InvalidRequestError", operation: "GetObject" }),
  );
});

test("a bucket or key that no service can have is refused", () => {
  expect(() => presignGet(context, { ...at, key: "" })).toThrow(
    expect.objectContaining({ name: "S3InvalidRequestError" }),
  );
  expect(() => presignDelete(context, { ...at, bucket: "a/b" })).toThrow(
    expect.objectContaining({ errorCode: "InvalidBucketName" }),
  );
});

test("over TLS a bucket stands in the host where the service wants it there", () => {
  const endpoint = endpointOf({
    endpoint: undefined,
    region,
    addressing: "auto",
    provider: undefined,
  });
  const signed = presignGet({ ...context, endpoint }, at);
  expect(
    signed.url.startsWith(`https://bucket.s3.${region}.amazonaws.com/a%20b/%C3%BC%2B%252F//../x`),
  ).toBe(true);
  check(signed);
});
