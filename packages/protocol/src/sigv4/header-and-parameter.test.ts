import { expect, test } from "vitest";
import { S3Error } from "../errors/s3-error.ts";
import { readAuthorization } from "./authorization.ts";
import type { RequestLine } from "./canonical-request.ts";
import { presign } from "./presign.ts";
import { SigningKeys } from "./signing-keys.ts";
import { verify } from "./verify.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret of the tests" };
const region = "us-east-1";
const now = Date.UTC(2026, 10, 21, 12);
const keys = new SigningKeys();

type Header = readonly [name: string, value: string];

/** A request that is presigned with these headers and sent with this one. */
function presigned(
  parameter: string,
  signed: readonly Header[],
  [name, value]: Header,
): RequestLine {
  const headers = { host: "localhost:9000", ...Object.fromEntries(signed) };
  const request = { method: "PUT", target: `/b/k?${parameter}`, headers };
  const target = presign(request, { credentials, region, now, expiresSeconds: 60 });
  return { method: "PUT", target, rawHeaders: ["Host", headers.host, name, value] };
}

function outcome(request: RequestLine): string {
  try {
    const presented = readAuthorization(request, { region });
    if (presented === undefined) return "anonymous";
    const { secretAccessKey: secret } = credentials;
    return `believed ${verify(presented, { secret, now, keys }).via}`;
  } catch (error) {
    if (S3Error.is(error)) return `${error.code} ${error.reason}`;
    throw error;
  }
}

test.each<[string, Header]>([
  ["X-Amz-Meta-A=b%20c", ["x-amz-meta-a", "b c"]],
  ["x-amz-meta-a=%C3%A9", ["x-amz-meta-a", "\u00c3\u00a9"]],
  ["x-amz-acl=private", ["x-amz-acl", "private"]],
])("a presigned %s and a signed header %j are one header", (parameter, header) => {
  expect(outcome(presigned(parameter, [header], header))).toBe("believed presigned");
  const unsigned = outcome(presigned(parameter, [], header));
  expect(unsigned).toBe("AccessDenied unsigned_headers");
});

test.each<[string, Header]>([
  ["x-amz-meta-a=b", ["x-amz-meta-a", "B"]],
  ["x-amz-meta-a=", ["x-amz-meta-a", "b"]],
  ["x-amz-content-sha256=UNSIGNED-PAYLOAD", ["x-amz-content-sha256", "UNSIGNED-PAYLOAD"]],
  ["x-amz-security-token=t", ["x-amz-security-token", "t"]],
  ["", ["x-amz-date", "20261121T120000Z"]],
  ["", ["x-amz-expires", "60"]],
])(
  "a presigned request with %j in its query and the signed header %j says two things",
  (parameter, header) => {
    expect(outcome(presigned(parameter, [header], header))).toBe(
      "InvalidRequest header_and_parameter",
    );
  },
);
