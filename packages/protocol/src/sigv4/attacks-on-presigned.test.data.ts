import { formatAmzDate } from "../dates.ts";
import type { Attack } from "./attack-corpus.test.data.ts";
import { presign } from "./presign.ts";
import { withExtraHeader, type Signer, type WireRequest } from "./wire-request.test.data.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const target =
  (edit: (target: string) => string) =>
  (request: WireRequest): WireRequest => ({
    ...request,
    target: edit(request.target),
  });
const parameter = (name: string, value: string | undefined): Attack["make"] =>
  target((text) =>
    text.replace(
      new RegExp(`([?&])${name}=[^&]*&?`),
      value === undefined ? "$1" : `$1${name}=${value}&`,
    ),
  );
const header =
  (name: string, value: string) =>
  (request: WireRequest): WireRequest =>
    withExtraHeader(request, name, value);

interface Again {
  readonly shiftMs?: number;
  readonly expiresSeconds?: number;
  readonly region?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Presigns again, with the true secret, what should not hold. */
const again =
  (options: Again) =>
  (request: WireRequest, signer: Signer): WireRequest => {
    const {
      shiftMs = 0,
      expiresSeconds = 3600,
      region = signer.region,
      query = "",
      headers = {},
    } = options;
    const bare = request.target.replace(/\?.*/, query);
    const signed = {
      method: request.method,
      target: bare,
      headers: { host: signer.host, ...headers },
    };
    const now = signer.now + shiftMs;
    return {
      ...request,
      target: presign(signed, { credentials: signer, region, now, expiresSeconds }),
    };
  };

const required = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-SignedHeaders",
  "X-Amz-Signature",
];

const missing = required.flatMap((name): [string, Attack][] => [
  [`presigned: ${name} missing`, { on: "presignedGet", make: parameter(name, undefined) }],
  [`presigned: ${name} empty`, { on: "presignedGet", make: parameter(name, "") }],
  [
    `presigned: ${name} repeated`,
    { on: "presignedGet", make: target((text) => `${text}&${name}=x`) },
  ],
  [
    `presigned: ${name} in lower case as well`,
    { on: "presignedGet", make: target((text) => `${text}&${name.toLowerCase()}=x`) },
  ],
  [
    `presigned: ${name} in lower case instead`,
    { on: "presignedGet", make: target((text) => text.replace(name, name.toLowerCase())) },
  ],
]);

const expires = [
  "-1",
  "3601",
  "604801",
  "60580000",
  "1e3",
  "1e30",
  "text",
  "3600.5",
  "0x10",
  "%2B3600",
];

const lifetimes = expires.map((value): [string, Attack] => [
  `presigned: expires ${value}`,
  { on: "presignedGet", make: parameter("X-Amz-Expires", value) },
]);

/** Attacks on requests that are signed in their query. */
export const attacksOnPresigned: Readonly<Record<string, Attack>> = {
  ...Object.fromEntries([...missing, ...lifetimes]),
  "presigned: signature changed": {
    on: "presignedGet",
    make: target((text) => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0")),
  },
  "presigned: signature at random": {
    on: "presignedPut",
    make: parameter("X-Amz-Signature", "ab".repeat(32)),
  },
  "presigned: another algorithm": {
    on: "presignedGet",
    make: parameter("X-Amz-Algorithm", "AWS4-SHA256"),
  },
  "presigned: SigV4A": {
    on: "presignedGet",
    make: parameter("X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256"),
  },
  "presigned: a credential of three parts": {
    on: "presignedGet",
    make: parameter("X-Amz-Credential", "access%2Fhello%2Fworld"),
  },
  "presigned: another service": {
    on: "presignedGet",
    make: target((text) => text.replace("%2Fs3%2F", "%2Fsns%2F")),
  },
  "presigned: another end": {
    on: "presignedGet",
    make: target((text) => text.replace("aws4_request", "aws5_request")),
  },
  "presigned: another region, signed": { on: "presignedGet", make: again({ region: "mars-1" }) },
  "presigned: another key id": {
    on: "presignedGet",
    make: target((text) => text.replace("X-Amz-Credential=", "X-Amz-Credential=X")),
  },
  "presigned: an odd date": { on: "presignedGet", make: parameter("X-Amz-Date", "32234Z34") },
  "presigned: another day": {
    on: "presignedGet",
    make: (request, signer) =>
      parameter("X-Amz-Date", formatAmzDate(signer.now - dayMs))(request, signer),
  },
  "presigned: another second": {
    on: "presignedGet",
    make: (request, signer) =>
      parameter("X-Amz-Date", formatAmzDate(signer.now - 1000))(request, signer),
  },
  "presigned: expired a second ago": {
    on: "presignedGet",
    make: again({ shiftMs: -61_000, expiresSeconds: 60 }),
  },
  "presigned: expired after seven days": {
    on: "presignedGet",
    make: again({ shiftMs: -7 * dayMs - 1000, expiresSeconds: 604_800 }),
  },
  "presigned: a lifetime of zero, a second ago": {
    on: "presignedGet",
    make: again({ shiftMs: -1000, expiresSeconds: 0 }),
  },
  "presigned: a lifetime beyond a week, signed": {
    on: "presignedGet",
    make: again({ expiresSeconds: 604_801 }),
  },
  "presigned: a negative lifetime, signed": {
    on: "presignedGet",
    make: again({ expiresSeconds: -1 }),
  },
  "presigned: not valid yet": { on: "presignedGet", make: again({ shiftMs: 16 * minuteMs }) },
  "presigned: valid next year": {
    on: "presignedGet",
    make: again({ shiftMs: 365 * dayMs, expiresSeconds: 604_800 }),
  },
  "presigned: GET becomes PUT": {
    on: "presignedGet",
    make: (request) => ({ ...request, method: "PUT" }),
  },
  "presigned: PUT becomes DELETE": {
    on: "presignedPut",
    make: (request) => ({ ...request, method: "DELETE" }),
  },
  "presigned: GET becomes HEAD": {
    on: "presignedGet",
    make: (request) => ({ ...request, method: "HEAD" }),
  },
  "presigned: another key": {
    on: "presignedGet",
    make: target((text) => text.replace("/key?", "/key2?")),
  },
  "presigned: a traversal": {
    on: "presignedGet",
    make: target((text) => text.replace("/key?", "/x/../key?")),
  },
  "presigned: a version added": {
    on: "presignedGet",
    make: target((text) => `${text}&versionId=x`),
  },
  "presigned: a subresource added": {
    on: "presignedGet",
    make: target((text) => text.replace("?", "?acl&")),
  },
  "presigned: an x-amz- parameter added": {
    on: "presignedPut",
    make: target((text) => `${text}&x-amz-acl=public-read`),
  },
  "presigned: a payload parameter added": {
    on: "presignedPut",
    make: target((text) => `${text}&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD`),
  },
  "presigned: a payload header added": {
    on: "presignedPut",
    make: header("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
  },
  "presigned: a streaming payload added": {
    on: "presignedPut",
    make: header("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
  },
  "presigned: a streaming payload, signed": {
    on: "presignedPut",
    make: again({ query: "?X-Amz-Content-Sha256=STREAMING-UNSIGNED-PAYLOAD-TRAILER" }),
  },
  "presigned: a wrong hash, signed": {
    on: "presignedPut",
    make: again({ query: `?X-Amz-Content-Sha256=${"ab".repeat(32)}` }),
  },
  "presigned: a parameter that is a header too": {
    on: "presignedPut",
    make: (request, signer) =>
      header("x-amz-acl", "public-read")(again({ query: "?x-amz-acl=private" })(request, signer)),
  },
  "presigned: a date header as well": {
    on: "presignedGet",
    make: header("x-amz-date", "20130524T000000Z"),
  },
  "presigned: a signed header that is not sent": {
    on: "presignedPut",
    make: again({ headers: { "content-type": "a/b" } }),
  },
  "presigned: a signed header with another value": {
    on: "presignedPut",
    make: (request, signer) =>
      header(
        "content-type",
        "text/html",
      )(again({ headers: { "content-type": "a/b" } })(request, signer)),
  },
  "presigned: host not signed": {
    on: "presignedGet",
    make: parameter("X-Amz-SignedHeaders", "range"),
  },
  "presigned: another host": {
    on: "presignedGet",
    make: (request) => ({ ...request, rawHeaders: ["host", "other.example"] }),
  },
  "presigned: two hosts": { on: "presignedGet", make: header("Host", "other.example") },
  "presigned: no host": { on: "presignedGet", make: (request) => ({ ...request, rawHeaders: [] }) },
  "presigned: a token parameter": {
    on: "presignedGet",
    make: target((text) => `${text}&X-Amz-Security-Token=x`),
  },
  "presigned: a token header": { on: "presignedGet", make: header("x-amz-security-token", "x") },
  "presigned: an authorization header as well": {
    on: "presignedGet",
    make: header("authorization", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b"),
  },
  "presigned: an empty authorization header as well": {
    on: "presignedGet",
    make: header("authorization", ""),
  },
  "presigned: signature version 2": {
    on: "presignedGet",
    make: target((text) =>
      text.replace(/\?.*/, "?AWSAccessKeyId=a&Expires=9999999999&Signature=b"),
    ),
  },
};
