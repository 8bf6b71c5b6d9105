import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, fieldsOf, refusalOf, startSubject, type Answer, type Ask, type Subject } from "./s3-subject.test.support.ts"; // prettier-ignore

const subjects = new Map<string, Subject>();
beforeAll(async () => {
  for (const profile of ["documented", "aws"] as const) {
    const subject = await startSubject(profile);
    subjects.set(profile, subject);
    await subject.send({ method: "PUT", target: "/bucket" });
    await subject.send({ method: "PUT", target: "/bucket/here", body: "x" });
  }
});
afterAll(async () => {
  for (const subject of subjects.values()) await subject.close();
});

function send(profile: string, ask: Ask): Promise<Answer> {
  const subject = subjects.get(profile);
  if (subject === undefined) throw new TypeError(profile);
  return subject.send(ask);
}

/** The same request, signed with another secret or by an unknown key, or not at all. */
function sendAs(profile: string, ask: Ask, authorization: string): Promise<Answer> {
  return send(profile, { ...ask, unsigned: { authorization } });
}

const scope = `${new Date().toISOString().slice(0, 10).replaceAll("-", "")}/us-east-1/s3/aws4_request`;
const signedHeaders = "SignedHeaders=host;x-amz-content-sha256;x-amz-date";
const wrongSignature = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, ${signedHeaders}, Signature=${"0".repeat(64)}`;
const unknownKey = wrongSignature.replace("AKIDEXAMPLE", "AKIDUNKNOWN");

interface Case {
  readonly ask: Ask;
  readonly authorization?: string;
  readonly code: string;
  readonly documented: number;
  readonly aws?: number;
  /** Elements beside those of every refusal. */
  readonly extra?: readonly string[];
}

const get = (target: string, headers: Record<string, string> = {}): Ask => ({
  method: "GET",
  target,
  headers,
});

const cases: readonly Case[] = [
  { ask: get("/bucket/none"), code: "NoSuchKey", documented: 404 },
  { ask: get("/bucket/%C3%BC%20%26%3C%01"), code: "NoSuchKey", documented: 404 },
  { ask: get("/none-such/k"), code: "NoSuchBucket", documented: 404 },
  { ask: get("/Not_A_Bucket/k"), code: "InvalidBucketName", documented: 400 },
  { ask: get(`/bucket/${"k".repeat(1025)}`), code: "KeyTooLongError", documented: 400, extra: ["Size", "MaxSizeAllowed"] }, // prettier-ignore
  { ask: get("/bucket/here", { range: "bytes=5-" }), code: "InvalidRange", documented: 416, extra: ["RangeRequested", "ActualObjectSize"] }, // prettier-ignore
  { ask: get("/bucket/here?partNumber=2"), code: "InvalidPartNumber", documented: 416 },
  { ask: get("/bucket/here?partNumber=0"), code: "InvalidArgument", documented: 400, extra: ["ArgumentName", "ArgumentValue"] }, // prettier-ignore
  { ask: get("/bucket/here", { "if-match": '"x"' }), code: "PreconditionFailed", documented: 412, extra: ["Condition"] }, // prettier-ignore
  { ask: get("/bucket/here?acl"), code: "NotImplemented", documented: 501 },
  { ask: get("/bucket/here?uploadId=none"), code: "NoSuchUpload", documented: 404, extra: ["UploadId"] }, // prettier-ignore
  { ask: { method: "PUT", target: "/bucket", body: "" }, code: "BucketAlreadyOwnedByYou", documented: 409 }, // prettier-ignore
  { ask: { method: "DELETE", target: "/bucket" }, code: "BucketNotEmpty", documented: 409 },
  { ask: { method: "PUT", target: "/bucket/k", body: "x", headers: { "content-md5": "x" } }, code: "InvalidDigest", documented: 400, extra: ["Content-MD5"] }, // prettier-ignore
  { ask: { method: "PUT", target: "/bucket/k", body: "x", payload: "0".repeat(64) }, code: "XAmzContentSHA256Mismatch", documented: 400, extra: ["ClientComputedContentSHA256", "S3ComputedContentSHA256"] }, // prettier-ignore
  { ask: get("/bucket/here"), authorization: wrongSignature, code: "SignatureDoesNotMatch", documented: 401, aws: 403, extra: ["AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes", "CanonicalRequest", "CanonicalRequestBytes"] }, // prettier-ignore
  { ask: get("/bucket/here"), authorization: unknownKey, code: "InvalidAccessKeyId", documented: 401, aws: 403, extra: ["AWSAccessKeyId"] }, // prettier-ignore
  { ask: get("/bucket/here"), authorization: "AWS a:b", code: "InvalidRequest", documented: 400 },
  { ask: { ...get("/bucket/here"), unsigned: { "x-amz-acl": "private" } }, code: "AccessDenied", documented: 403, extra: ["HeadersNotSigned"] }, // prettier-ignore
];

describe.each(["documented", "aws"] as const)("in the profile %s", (profile) => {
  test.each(cases.map((one) => [one.code, one] as const))(
    "%s says all it has to",
    async (_, one) => {
      const { ask, authorization, code, documented, aws = documented, extra = [] } = one;
      const answer = await (authorization === undefined
        ? send(profile, ask)
        : sendAs(profile, ask, authorization));
      const { status, ...fields } = refusalOf(answer);
      expect([status, fields["Code"]]).toEqual([profile === "aws" ? aws : documented, code]);
      expect(answer.headers["content-type"]).toBe("application/xml");
      expect(answer.body.toString()).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<Error>/);
      const path = ask.target.split("?", 1)[0] ?? "";
      const [, BucketName, key] = /^\/([^/]*)(?:\/(.*))?$/.exec(path) ?? [];
      const Key = key === undefined ? {} : { Key: decodeURIComponent(key) };
      expect(fields).toMatchObject({
        Message: expect.stringMatching(/\w+ \w+/),
        Resource: path,
        RequestId: answer.headers["x-amz-request-id"],
        HostId: answer.headers["x-amz-id-2"],
        BucketName,
        ...Key,
      });
      expect(fields["RequestId"]).toMatch(/^[0-9A-F]{32}$/);
      for (const name of extra) expect(Object.keys(fields)).toContain(name);
    },
  );

  test.each(cases.filter(({ ask }) => ask.method === "GET").map((one) => [one.code, one] as const))(
    "%s on HEAD is the status, the code in a header and no body",
    async (code, { ask, authorization, documented, aws = documented }) => {
      const head = { ...ask, method: "HEAD" };
      const answer = await (authorization === undefined
        ? send(profile, head)
        : sendAs(profile, head, authorization));
      expect(answer.body).toHaveLength(0);
      expect(answer.headers["x-amz-request-id"]).toMatch(/^[0-9A-F]{32}$/);
      // No operation is a HEAD of an upload: its shape is refused instead.
      const isUpload = ask.target.includes("uploadId");
      const expected = profile === "aws" ? aws : documented;
      expect(isUpload ? 400 : answer.status).toBe(isUpload ? answer.status : expected);
      const stated = code === "NotModified" ? undefined : code;
      if (!isUpload) expect(answer.headers["x-amz-error-code"]).toBe(stated);
    },
  ); // prettier-ignore

  test("an anonymous request is refused", async () => {
    const subject = subjects.get(profile);
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const request = httpRequest(`${subject?.gateway.endpoint}/bucket/here`, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (piece: string) => (body += piece));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      });
      request.on("error", reject).end();
    });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("<Code>AccessDenied</Code>");
  });

  test("a shape that no operation has is refused", async () => {
    const expected = profile === "aws" ? [405, "MethodNotAllowed"] : [400, "InvalidRequest"];
    for (const ask of [
      { method: "POST", target: "/", body: "" },
      { method: "DELETE", target: "/" },
      { method: "POST", target: "/bucket", body: "" },
      { method: "POST", target: "/bucket/k", body: "" },
      { method: "PATCH", target: "/bucket/k", body: "" },
      { method: "OPTIONS", target: "/bucket/k" },
      { method: "PUT", target: "/bucket/k?uploadId=x", body: "" },
    ]) {
      const answer = await send(profile, ask);
      const { status, Code, Method, ResourceType } = refusalOf(answer);
      expect([ask.method, ask.target, status, Code]).toEqual([ask.method, ask.target, ...expected]);
      expect([Method, typeof ResourceType]).toEqual([ask.method, "string"]);
      expect(answer.headers.allow).toMatch(/[A-Z]+/);
    }
  });
});

test("no two answers have the same request id", async () => {
  const ids = new Set<unknown>();
  for (let count = 0; count < 50; count += 1) {
    ids.add(fieldsOf(documentOf(await send("aws", get("/bucket/none"))))["RequestId"]);
  }
  expect(ids.size).toBe(50);
});
