import { expect } from "vitest";
import type { Endpoint, StatusProfile } from "./context.ts";
import { rawBytes } from "./raw-bytes.ts";
import { type RawAnswer, type RawRequest, rawRequest } from "./raw-request.ts";
import { runSubject } from "./run-subject.ts";
import type { Step, World } from "./steps.ts";
import { xmlElements } from "./xml-elements.ts";

/** One request that must be refused, and all that the refusal must say. */
interface Refusal {
  readonly id: string;
  readonly promise: string;
  readonly request: (bucket: string) => RawRequest;
  readonly credential?: Partial<Pick<Endpoint, "accessKeyId" | "secretAccessKey">>;
  readonly code: string;
  readonly status: number | Readonly<Record<StatusProfile, number>>;
  /** Element names beside those that every document carries, with the text each must have. */
  readonly details: (request: RawRequest) => Readonly<Record<string, string | undefined>>;
}

const oddKey = `no <such> & "key" 'ü' 🗝️ a//b/../c`;
const wrong = { secretAccessKey: "wrong/wrong+wrong/wrong+wrong/wrong+wron" };
const unknown = { accessKeyId: "AKIAUNKNOWNUNKNOWNXX" };
const bucketName = ({ bucket }: RawRequest) => ({ BucketName: bucket });
const bucketAndKey = ({ bucket, key }: RawRequest) => ({ BucketName: bucket, Key: key });

const refusals: readonly Refusal[] = [
  {
    id: "missing-key",
    promise: "a missing key with an odd name",
    request: (bucket) => ({ method: "GET", bucket, key: oddKey }),
    code: "NoSuchKey",
    status: 404,
    details: bucketAndKey,
  },
  {
    id: "missing-bucket",
    promise: "the listing of a missing bucket",
    request: (bucket) => ({ method: "GET", bucket: `${bucket}-none` }),
    code: "NoSuchBucket",
    status: 404,
    details: bucketName,
  },
  {
    id: "missing-bucket-get",
    promise: "a key in a missing bucket",
    request: (bucket) => ({ method: "GET", bucket: `${bucket}-none`, key: "key" }),
    code: "NoSuchBucket",
    status: 404,
    details: bucketName,
  },
  {
    id: "missing-bucket-put",
    promise: "a put into a missing bucket",
    request: (bucket) => ({
      method: "PUT",
      bucket: `${bucket}-none`,
      key: "key",
      body: Buffer.from("body"),
    }),
    code: "NoSuchBucket",
    status: 404,
    details: bucketName,
  },
  {
    id: "bad-bucket-name",
    promise: "a bucket name that cannot be",
    request: () => ({ method: "PUT", bucket: "No_Bucket" }),
    code: "InvalidBucketName",
    status: 400,
    details: bucketName,
  },
  {
    id: "bucket-not-empty",
    promise: "the removal of a bucket that holds an object",
    request: (bucket) => ({ method: "DELETE", bucket }),
    code: "BucketNotEmpty",
    status: 409,
    details: bucketName,
  },
  {
    id: "long-key",
    promise: "a key of 1025 bytes",
    request: (bucket) => ({ method: "GET", bucket, key: "k".repeat(1025) }),
    code: "KeyTooLongError",
    status: 400,
    details: () => ({}),
  },
  {
    id: "wrong-secret",
    promise: "a wrong secret",
    request: (bucket) => ({ method: "GET", bucket, key: "there" }),
    credential: wrong,
    code: "SignatureDoesNotMatch",
    status: { documented: 401, aws: 403 },
    details: () => ({}),
  },
  {
    id: "unknown-key-id",
    promise: "an unknown access key id",
    request: (bucket) => ({ method: "GET", bucket, key: "there" }),
    credential: unknown,
    code: "InvalidAccessKeyId",
    status: { documented: 401, aws: 403 },
    details: () => ({ AWSAccessKeyId: unknown.accessKeyId }),
  },
];

function expectDocument(answer: RawAnswer, refusal: Refusal, request: RawRequest): void {
  const xml = answer.body.toString("utf8");
  const one = (name: string): string | undefined => xmlElements(xml, name)[0];
  expect(answer.headers["content-type"]).toBe("application/xml");
  expect(xml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*<Error>.*<\/Error>\s*$/s);
  expect(one("Code")).toBe(refusal.code);
  expect(one("Message"), "Message").toMatch(/\S/);
  expect(one("Resource"), "Resource").toContain(`/${request.bucket ?? ""}`);
  expect(one("RequestId"), "RequestId").toMatch(/\S/);
  expect(one("RequestId")).toBe(answer.headers["x-amz-request-id"]);
  expect(one("HostId"), "HostId").toMatch(/\S/);
  expect(one("HostId")).toBe(answer.headers["x-amz-id-2"]);
  const details = refusal.details(request);
  const carried = Object.keys(details).map((name) => [name, one(name)]);
  expect(Object.fromEntries(carried)).toEqual(details);
}

const statusUnder = ({ status }: Refusal, profile: StatusProfile): number =>
  typeof status === "number" ? status : status[profile];

const documentStep = (refusal: Refusal): Step => ({
  id: `document:${refusal.id}`,
  promise: `answers ${refusal.promise} with status, ${refusal.code} and every element`,
  run: async ({ session, bucket }) => {
    const request = refusal.request(bucket);
    const answer = await rawRequest({ ...session, ...refusal.credential }, request);
    expect(answer.status).toBe(statusUnder(refusal, session.profile));
    expectDocument(answer, refusal, request);
  },
});

/** A HEAD answers as its GET would, so only what a GET asks is asked again. */
const headStep = (refusal: Refusal): Step => ({
  id: `head:${refusal.id}`,
  promise: `answers a HEAD for ${refusal.promise} with the same status and no body`,
  run: async ({ session, bucket }) => {
    const endpoint = { ...session, ...refusal.credential };
    const bytes = await rawBytes(endpoint, { ...refusal.request(bucket), method: "HEAD" });
    const [head = "", body] = bytes.split(/\r\n\r\n(.*)/s);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${statusUnder(refusal, session.profile)} `));
    expect(head).toMatch(/^x-amz-request-id: \S+/im);
    expect(head).toMatch(/^x-amz-id-2: \S+/im);
    expect(body).toBe("");
  },
});

async function prepare({ session, bucket }: World): Promise<void> {
  const object = { bucket, key: "there", body: Buffer.from("there") };
  expect((await rawRequest(session, { method: "PUT", bucket })).status).toBe(200);
  expect((await rawRequest(session, { method: "PUT", ...object })).status).toBe(200);
}

async function clear({ session, bucket }: World): Promise<void> {
  const removed = await rawRequest(session, { method: "DELETE", bucket, key: "there" });
  expect({ status: removed.status, size: removed.body.length }).toEqual({ status: 204, size: 0 });
  expect((await rawRequest(session, { method: "DELETE", bucket })).status).toBe(204);
}

runSubject({
  name: "raw requests",
  version: async () => "@smithy/signature-v4",
  cannot: {},
  steps: [
    { id: "prepare", promise: "makes a bucket with an object", run: prepare },
    ...refusals.map(documentStep),
    ...refusals.filter(({ request }) => request("b").method === "GET").map(headStep),
    { id: "clear", promise: "removes the object and the bucket", run: clear },
  ],
});
