import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RequestLimits } from "@holdfast/gateway";
import type { Answer, Ask } from "../../packages/gateway/src/s3-subject.test.support.ts";
import type { DocumentRow } from "./document-row.ts";
import { tenants, type DocumentWorld } from "./document-world.ts";

const as = tenants.tenant;
const get = (target: string, more: Partial<Ask> = {}): Ask => ({
  method: "GET",
  target,
  as,
  ...more,
});
const unauthenticated = { documented: 401, aws: 403 } as const;
const slowed = { documented: 429, aws: 503 } as const;
const hourMs = 3_600_000;

const md5 = (body: string): string => createHash("md5").update(body).digest("base64");
const document = (target: string, body: string): Ask => ({
  method: "POST",
  target,
  body,
  headers: { "content-md5": md5(body) },
  as,
});

const wrongSecret = { ...as, secretAccessKey: "wrong" };
const nobody = { accessKeyId: "AKIANOBODYNOBODYNOB1", secretAccessKey: "none" };

/** Asks until a limit is met, and gives that answer. */
const untilSlow =
  (ask: Ask) =>
  async (world: DocumentWorld): Promise<Answer> => {
    for (;;) {
      const answer = await world.send(ask);
      if (answer.status !== 200) return answer;
    }
  };

/** Takes a stored object's file away under the engine. */
async function loseFile({ send, directory }: DocumentWorld): Promise<void> {
  const body = Buffer.alloc(2 ** 21);
  await send({ method: "PUT", target: "/mine/lost", body, as });
  const blobs = join(directory, "blobs");
  for (const entry of await readdir(blobs, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await rm(join(entry.parentPath, entry.name));
  }
}

function slowDown(cause: string, reason: string, requestLimits: RequestLimits = {}): DocumentRow {
  const isOwn = reason === "rate_limited_credential";
  return {
    table: "codes",
    row: "SlowDown",
    cause,
    gateway: { requestLimits },
    ask: untilSlow(get("/mine?list-type=2", isOwn ? { as: tenants.limited } : {})),
    status: slowed,
    code: "SlowDown",
    resource: "/mine",
    fields: { BucketName: "mine" },
    headers: { "retry-after": /^[1-9]\d*$/ },
    reason,
    counted: [`holdfast_rate_limited_total{reason="${reason}"}`],
    kind: "denied",
  };
}

/** The document's common codes, by each of their causes. */
export const codeRows: readonly DocumentRow[] = [
  {
    table: "codes",
    row: "InvalidRequest",
    cause: "a shape that is not recognised",
    ask: { method: "PATCH", target: "/mine/key", as },
    status: { documented: 400, aws: 405 },
    code: { documented: "InvalidRequest", aws: "MethodNotAllowed" },
    resource: "/mine/key",
    reason: "unknown_operation",
    kind: "failed",
  },
  {
    table: "codes",
    row: "MalformedXML",
    cause: "a DeleteObjects that is no document",
    ask: document("/mine?delete", "<Delete><Object>"),
    status: 400,
    code: "MalformedXML",
    resource: "/mine",
    fields: { BucketName: "mine" },
    reason: "xml_unclosed",
    kind: "failed",
  },
  {
    table: "codes",
    row: "MalformedXML",
    cause: "a CompleteMultipartUpload that is no document",
    ask: document("/mine/key?uploadId=x", "no xml"),
    status: 400,
    code: "MalformedXML",
    resource: "/mine/key",
    fields: { BucketName: "mine", Key: "key" },
    reason: "xml_text_outside",
    kind: "failed",
  },
  {
    table: "codes",
    row: "InvalidAccessKeyId",
    cause: "an access key that is not known",
    ask: get("/mine/key", { as: nobody }),
    status: unauthenticated,
    code: "InvalidAccessKeyId",
    resource: "/mine/key",
    fields: { AWSAccessKeyId: nobody.accessKeyId },
    reason: "unknown_access_key",
    counted: ['holdfast_s3_auth_failure_total{reason="unknown_access_key"}'],
    kind: "denied",
  },
  {
    table: "codes",
    row: "SignatureDoesNotMatch",
    cause: "a wrong secret",
    ask: get("/mine/key", { as: wrongSecret }),
    status: unauthenticated,
    code: "SignatureDoesNotMatch",
    resource: "/mine/key",
    fields: { AWSAccessKeyId: as.accessKeyId },
    reason: "bad_signature",
    counted: ['holdfast_s3_auth_failure_total{reason="bad_signature"}'],
    kind: "denied",
  },
  {
    table: "codes",
    row: "AccessDenied",
    cause: "a bucket outside the scope",
    ask: get("/of-another/path/to/object"),
    status: 403,
    code: "AccessDenied",
    resource: "/of-another/path/to/object",
    fields: { BucketName: "of-another" },
    reason: "scope_violation",
    counted: ["holdfast_s3_scope_violation_total"],
    kind: "denied",
  },
  {
    table: "codes",
    row: "AccessDenied",
    cause: "an expired credential",
    ask: get("/mine/key", { as: tenants.expired }),
    status: 403,
    code: "AccessDenied",
    resource: "/mine/key",
    reason: "expired",
    counted: ['holdfast_s3_auth_failure_total{reason="expired"}'],
    kind: "denied",
  },
  {
    table: "codes",
    row: "RequestTimeTooSkewed",
    cause: "a date outside the tolerance",
    ask: (world) => world.send(get("/mine/key", { at: Date.now() - hourMs })),
    status: 403,
    code: "RequestTimeTooSkewed",
    resource: "/mine/key",
    fields: { MaxAllowedSkewMilliseconds: "900000" },
    reason: "time_skew",
    counted: ['holdfast_s3_auth_failure_total{reason="time_skew"}'],
    kind: "denied",
  },
  {
    table: "codes",
    row: "NoSuchBucket",
    cause: "a bucket that the upstream does not know",
    ask: get("/unknown-there/key"),
    status: 404,
    code: "NoSuchBucket",
    resource: "/unknown-there/key",
    fields: { BucketName: "unknown-there" },
    reason: "no_such_bucket",
    kind: "failed",
  },
  {
    table: "codes",
    row: "NoSuchKey",
    cause: "an object that the upstream does not have",
    ask: get("/far/no/such"),
    status: 404,
    code: "NoSuchKey",
    resource: "/far/no/such",
    fields: { BucketName: "far", Key: "no/such" },
    reason: "no_such_key",
    kind: "failed",
  },
  {
    table: "codes",
    row: "MissingContentLength",
    cause: "a streaming PUT without a length",
    ask: {
      method: "PUT",
      target: "/mine/key",
      payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      body: "0\r\n\r\n",
      headers: { "x-amz-trailer": "x-amz-checksum-crc32" },
      as,
    },
    status: 411,
    code: "MissingContentLength",
    resource: "/mine/key",
    reason: "bad_decoded_length",
    kind: "failed",
  },
  slowDown("a credential over its limit", "rate_limited_credential"),
  slowDown("all together over the global limit", "rate_limited_global", {
    requestsPerSecond: 0.01,
  }),
  slowDown("an address over its limit", "rate_limited_address", { addressRequestsPerSecond: 0.01 }),
  {
    table: "codes",
    row: "InternalError",
    cause: "a file that is gone from under the engine",
    arrange: loseFile,
    ask: get("/mine/lost"),
    status: 500,
    code: "InternalError",
    resource: "/mine/lost",
    reason: "disk_error",
    kind: "failed",
  },
  {
    table: "codes",
    row: "BadGateway",
    cause: "an answer of the upstream's that is no document",
    ask: get("/garbled?list-type=2"),
    status: 502,
    code: "BadGateway",
    resource: "/garbled",
    reason: "upstream_malformed",
    kind: "failed",
  },
  {
    table: "codes",
    row: "EntityTooLarge",
    cause: "an upload past a bucket's hard limit",
    ask: { method: "PUT", target: "/full/key", body: "four", as },
    status: { documented: 507, aws: 507 },
    code: "EntityTooLarge",
    resource: "/full/key",
    fields: { BucketName: "full", Key: "key" },
    reason: "quota_exceeded",
    kind: "failed",
  },
  {
    table: "codes",
    row: "ServiceUnavailable",
    cause: "an upstream that is down",
    ask: get("/down/key"),
    status: 503,
    code: "ServiceUnavailable",
    resource: "/down/key",
    headers: { "retry-after": /^[1-9]\d*$/ },
    reason: "upstream_unreachable",
    kind: "failed",
  },
];
