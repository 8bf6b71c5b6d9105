import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Answer, Ask } from "../../packages/gateway/src/s3-subject.test.support.ts";
import type { DocumentRow } from "./document-row.ts";
import { tenants, type DocumentWorld } from "./document-world.ts";

const as = tenants.tenant;
const target = "/mine/key";
const unauthenticated = { documented: 401, aws: 403 } as const;
const slowed = { documented: 429, aws: 503 } as const;

type Refused = Pick<DocumentRow, "ask" | "cause" | "code" | "row" | "status"> &
  Partial<Pick<DocumentRow, "kind" | "reason">>;

/** The reason of the audit may be a finer one, which counts as the row's. */
const authFailure = ({ row, ...refused }: Refused): DocumentRow => ({
  table: "auth failures",
  row,
  resource: target,
  reason: row,
  counted: [`holdfast_s3_auth_failure_total{reason="${row}"}`],
  kind: "denied",
  ...refused,
});

const presented = (authorization: string): Ask => ({
  method: "GET",
  target,
  as,
  unsigned: { authorization },
});

/** The reasons for which a request is not believed. */
export const authFailureRows: readonly DocumentRow[] = [
  authFailure({
    row: "unknown_access_key",
    cause: "a key that nobody has",
    ask: {
      method: "GET",
      target,
      as: { accessKeyId: "AKIANOBODYNOBODYNOB1", secretAccessKey: "none" },
    },
    status: unauthenticated,
    code: "InvalidAccessKeyId",
  }),
  authFailure({
    row: "bad_signature",
    cause: "a wrong secret",
    ask: { method: "GET", target, as: { ...as, secretAccessKey: "wrong" } },
    status: unauthenticated,
    code: "SignatureDoesNotMatch",
  }),
  authFailure({
    row: "disabled",
    cause: "a disabled credential and its right secret",
    ask: { method: "GET", target, as: tenants.disabled },
    status: unauthenticated,
    code: "InvalidAccessKeyId",
  }),
  authFailure({
    row: "expired",
    cause: "an expired credential and its right secret",
    ask: { method: "GET", target, as: tenants.expired },
    status: 403,
    code: "AccessDenied",
  }),
  authFailure({
    row: "bad_authorization_format",
    cause: "a header of one word",
    ask: presented("AWS4-HMAC-SHA256 nonsense"),
    status: 400,
    code: "AuthorizationHeaderMalformed",
    reason: "malformed_component",
    kind: "failed",
  }),
  authFailure({
    row: "bad_credential_field",
    cause: "a credential of two parts",
    ask: presented(
      `AWS4-HMAC-SHA256 Credential=${as.accessKeyId}/us-east-1, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
    ),
    status: 400,
    code: "AuthorizationHeaderMalformed",
    reason: "malformed_credential",
    kind: "failed",
  }),
  authFailure({
    row: "bad_date",
    cause: "a date that is none",
    ask: { method: "GET", target, as, unsigned: { "x-amz-date": "yesterday" } },
    status: 403,
    code: "AccessDenied",
    reason: "missing_date",
  }),
  authFailure({
    row: "time_skew",
    cause: "a date of an hour ahead",
    ask: (world) => world.send({ method: "GET", target, as, at: Date.now() + 3_600_000 }),
    status: 403,
    code: "RequestTimeTooSkewed",
  }),
];

/** The one way in which a credential asks for what is not its own. */
export const scopeRows: readonly DocumentRow[] = [
  {
    table: "scope violation",
    row: "scope violation",
    cause: "a bucket that the credential's scope does not have",
    ask: { method: "GET", target: "/of-another?list-type=2", as },
    status: 403,
    code: "AccessDenied",
    resource: "/of-another",
    fields: { BucketName: "of-another" },
    reason: "scope_violation",
    counted: ["holdfast_s3_scope_violation_total"],
    kind: "denied",
  },
];

/** Asks without a signature. */
function askAsAnyone({ gateway }: DocumentWorld, method: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: gateway.host, port: gateway.port, method, path, agent: false };
    const asked = request(options, (response) => {
      const { statusCode: status = 0, headers, rawHeaders } = response;
      buffer(response).then((body) => resolve({ status, headers, rawHeaders, body }), reject);
    });
    asked.once("error", reject);
    asked.end();
  });
}

/** Anyone may read `website`, and ask it once. */
const bind = async ({ control, engine }: DocumentWorld): Promise<void> => {
  control.bindings.set("website", { requestsPerSecond: 0.01 });
  await engine.createBucket("website");
};

/** The reasons for which a request without a signature is refused. */
export const anonymousRows: readonly DocumentRow[] = [
  {
    table: "anonymous rejects",
    row: "disabled_globally",
    cause: "a gateway that lets nobody in without a signature",
    gateway: { anonymous: false },
    arrange: bind,
    ask: (world) => askAsAnyone(world, "GET", "/website/index.html"),
    status: 403,
    code: "AccessDenied",
    resource: "/website/index.html",
    reason: "disabled_globally",
    counted: ['holdfast_s3_anonymous_reject_total{reason="disabled_globally"}'],
    kind: "denied",
  },
  {
    table: "anonymous rejects",
    row: "no_binding",
    cause: "a bucket that is not bound",
    ask: (world) => askAsAnyone(world, "GET", "/mine/key"),
    status: 403,
    code: "AccessDenied",
    resource: "/mine/key",
    reason: "no_binding",
    counted: ['holdfast_s3_anonymous_reject_total{reason="no_binding"}'],
    kind: "denied",
  },
  {
    table: "anonymous rejects",
    row: "operation_not_allowed",
    cause: "a write to a bucket that is bound",
    arrange: bind,
    ask: (world) => askAsAnyone(world, "PUT", "/website/index.html"),
    status: 403,
    code: "AccessDenied",
    resource: "/website/index.html",
    reason: "operation_not_allowed",
    counted: ['holdfast_s3_anonymous_reject_total{reason="operation_not_allowed"}'],
    kind: "denied",
  },
  {
    table: "anonymous rejects",
    row: "rate_limited",
    cause: "an address over the rate of the binding",
    arrange: bind,
    ask: async (world) => {
      for (;;) {
        const answer = await askAsAnyone(world, "GET", "/website?list-type=2");
        if (answer.status !== 200) return answer;
      }
    },
    status: slowed,
    code: "SlowDown",
    resource: "/website",
    headers: { "retry-after": /^[1-9]\d*$/ },
    reason: "rate_limited",
    counted: [
      'holdfast_s3_anonymous_reject_total{reason="rate_limited"}',
      'holdfast_rate_limited_total{reason="rate_limited"}',
    ],
    kind: "denied",
  },
];
