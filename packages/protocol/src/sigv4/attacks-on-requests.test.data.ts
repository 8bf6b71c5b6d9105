import { formatAmzDate } from "../dates.ts";
import type { Attack } from "./attack-corpus.test.data.ts";
import {
  forge,
  headerOf,
  withAuthorization,
  withExtraHeader,
  withHeader,
  type WireRequest,
} from "./wire-request.test.data.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Headers that change what S3 does, as somebody who holds a signed request would add them. */
export const dangerousHeaders: readonly (readonly [name: string, value: string])[] = [
  ["x-amz-acl", "public-read-write"],
  ["x-amz-bypass-governance-retention", "true"],
  ["x-amz-checksum-crc32", "AAAAAA=="],
  ["x-amz-copy-source", "/other-bucket/secret"],
  ["x-amz-copy-source-if-match", '"x"'],
  ["x-amz-copy-source-range", "bytes=0-9"],
  ["x-amz-expected-bucket-owner", "111122223333"],
  ["x-amz-grant-full-control", 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'],
  ["x-amz-grant-read", "id=attacker"],
  ["x-amz-meta-owner", "mallory"],
  ["x-amz-metadata-directive", "REPLACE"],
  ["x-amz-mfa", "1 123456"],
  ["x-amz-object-lock-legal-hold", "OFF"],
  ["x-amz-object-lock-mode", "COMPLIANCE"],
  ["x-amz-object-lock-retain-until-date", "2099-01-01T00:00:00Z"],
  ["x-amz-rename-source", "/other"],
  ["x-amz-request-payer", "requester"],
  ["x-amz-sdk-checksum-algorithm", "CRC32"],
  ["x-amz-server-side-encryption", "aws:kms"],
  ["x-amz-server-side-encryption-customer-key", "c2VjcmV0"],
  ["x-amz-storage-class", "GLACIER"],
  ["x-amz-tagging", "a=b"],
  ["x-amz-website-redirect-location", "https://example.org/"],
  ["x-amz-write-offset-bytes", "0"],
];

const path =
  (edit: (target: string) => string) =>
  (request: WireRequest): WireRequest => ({
    ...request,
    target: edit(request.target),
  });
const authorization =
  (edit: (text: string) => string) =>
  (request: WireRequest): WireRequest =>
    withAuthorization(request, edit);
const header =
  (name: string, value: string | undefined) =>
  (request: WireRequest): WireRequest =>
    withHeader(request, name, value);
const extra =
  (name: string, value?: string) =>
  (request: WireRequest): WireRequest =>
    withExtraHeader(request, name, value ?? headerOf(request, name));
const scope = (edit: (parts: string[]) => string[]) =>
  authorization((text) =>
    text.replace(
      /Credential=([^,]*)/,
      (_, credential: string) => `Credential=${edit(credential.split("/")).join("/")}`,
    ),
  );
const part = (index: number, value: string): ReturnType<typeof scope> =>
  scope((parts) => parts.with(index, value));

/** Attacks on the headers and the authorization of a request that is signed in its header. */
export const attacksOnRequests: Readonly<Record<string, Attack>> = {
  "signature: one digit changed": { on: "get", make: authorization(flipLast) },
  "signature: cut short": { on: "get", make: authorization((text) => text.slice(0, -1)) },
  "signature: one digit longer": { on: "get", make: authorization((text) => `${text}0`) },
  "signature: capitals": {
    on: "get",
    make: authorization((text) => text.replace(/[^=]*$/, (hex) => hex.toUpperCase())),
  },
  "signature: empty": { on: "get", make: authorization((text) => text.replace(/[^=]*$/, "")) },
  "signature: of nothing": {
    on: "get",
    make: authorization((text) => text.replace(/[^=]*$/, "0".repeat(64))),
  },
  "header: a signed one changed": { on: "get", make: header("range", "bytes=0-10") },
  "header: a signed one taken away": { on: "get", make: header("range", undefined) },
  "header: signed metadata changed": { on: "put", make: header("x-amz-meta-owner", "mallory") },
  "header: signed metadata taken away": { on: "put", make: header("x-amz-meta-owner", undefined) },
  "header: a signed one repeated": { on: "put", make: extra("x-amz-meta-owner") },
  "header: a signed one repeated in capitals": {
    on: "put",
    make: extra("X-Amz-Meta-Owner", "mallory"),
  },
  "header: authorization repeated": { on: "get", make: extra("authorization") },
  "header: host repeated": { on: "get", make: extra("host") },
  "header: another host as well": { on: "get", make: extra("Host", "other.example") },
  "header: x-amz-date repeated": { on: "get", make: extra("x-amz-date") },
  "header: x-amz-content-sha256 repeated": {
    on: "put",
    make: extra("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
  },
  "header: content-length repeated": { on: "put", make: extra("content-length") },
  "header: content-type repeated": {
    on: "put",
    make: (request) => extra("content-type", "a/b")(extra("content-type", "text/html")(request)),
  },
  "header: content-md5 repeated": {
    on: "put",
    make: (request) => extra("content-md5", "a")(extra("content-md5", "b")(request)),
  },
  "header: range repeated": { on: "get", make: extra("range", "bytes=5-") },
  "header: if-match repeated": {
    on: "get",
    make: (request) => extra("if-match", '"a"')(extra("if-match", '"b"')(request)),
  },
  "header: if-none-match repeated": {
    on: "put",
    make: (request) => extra("if-none-match", "*")(extra("If-None-Match", "*")(request)),
  },
  "host: another": { on: "get", make: header("host", "other.example") },
  "host: a bucket in front": {
    on: "get",
    make: (request) => withHeader(request, "host", `other.${headerOf(request, "host")}`),
  },
  "host: a dot at the end": {
    on: "get",
    make: (request) => withHeader(request, "host", `${headerOf(request, "host")}.`),
  },
  "host: another port": {
    on: "get",
    make: (request) => withHeader(request, "host", `${headerOf(request, "host")}1`),
  },
  "host: missing": { on: "get", make: header("host", undefined) },
  "host: empty": { on: "get", make: header("host", "") },
  "host: not signed": {
    on: "get",
    make: (request, signer) =>
      forge(request, signer, { signedHeaders: (names) => names.filter((name) => name !== "host") }),
  },
  "payload: declared unsigned": {
    on: "put",
    make: header("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
  },
  "payload: declared streaming": {
    on: "put",
    make: header("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
  },
  "payload: declaration missing": { on: "put", make: header("x-amz-content-sha256", undefined) },
  "payload: declaration not signed": {
    on: "put",
    make: (request, signer) =>
      forge(request, signer, {
        signedHeaders: (names) => names.filter((name) => name !== "x-amz-content-sha256"),
      }),
  },
  "payload: declaration of junk": {
    on: "put",
    make: (request, signer) =>
      forge(request, signer, { headers: ["x-amz-content-sha256", "junk"] }),
  },
  "payload: declaration in lower case": {
    on: "put",
    make: (request, signer) =>
      forge(request, signer, { headers: ["x-amz-content-sha256", "unsigned-payload"] }),
  },
  "payload: SigV4A": {
    on: "put",
    make: (request, signer) =>
      forge(request, signer, {
        headers: ["x-amz-content-sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"],
      }),
  },
  "payload: another body": {
    on: "put",
    make: (request) => ({ ...request, body: changed(request.body) }),
  },
  "payload: a shorter body": {
    on: "put",
    make: (request) => ({ ...request, body: request.body.subarray(1) }),
  },
  "payload: no body": { on: "put", make: (request) => ({ ...request, body: Buffer.alloc(0) }) },
  "token: bogus header": { on: "get", make: extra("x-amz-security-token", "bogus") },
  "token: bogus header, signed": {
    on: "get",
    make: (request, signer) =>
      forge(request, signer, { headers: ["x-amz-security-token", "bogus"] }),
  },
  "token: bogus parameter": {
    on: "get",
    make: path((target) => `${target}?X-Amz-Security-Token=bogus`),
  },
  "scope: tomorrow": { on: "get", make: (request, { now }) => part(1, day(now + dayMs))(request) },
  "scope: yesterday": { on: "get", make: (request, { now }) => part(1, day(now - dayMs))(request) },
  "scope: yesterday, signed": {
    on: "get",
    make: (request, signer) => forge(request, signer, { date: day(signer.now - dayMs) }),
  },
  "scope: another region": { on: "get", make: part(2, "mars-1") },
  "scope: another region, signed": {
    on: "get",
    make: (request, signer) => forge(request, signer, { region: "mars-1" }),
  },
  "scope: no region": { on: "get", make: part(2, "") },
  "scope: another service": { on: "get", make: part(3, "ec2") },
  "scope: another service, signed": {
    on: "get",
    make: (request, signer) => forge(request, signer, { service: "ec2" }),
  },
  "scope: another end": { on: "get", make: part(4, "aws_request") },
  "scope: another end, signed": {
    on: "get",
    make: (request, signer) => forge(request, signer, { terminator: "aws5_request" }),
  },
  "scope: an odd date": { on: "get", make: part(1, "3223423234") },
  "scope: four parts": { on: "get", make: scope((parts) => parts.slice(0, 4)) },
  "scope: six parts": { on: "get", make: scope((parts) => [...parts, "x"]) },
  "key id: unknown": { on: "get", make: part(0, "AKIDOFNOBODY") },
  "key id: empty": { on: "get", make: part(0, "") },
  "key id: a filter's syntax": { on: "get", make: part(0, "*)(uid=*") },
  "key id: a traversal": { on: "get", make: part(0, "..%2f..") },
  "key id: of __proto__": { on: "get", make: part(0, "__proto__") },
  "key id: too long": { on: "get", make: part(0, "A".repeat(129)) },
  "date: changed": {
    on: "get",
    make: (request, { now }) => withHeader(request, "x-amz-date", formatAmzDate(now + 1000)),
  },
  "date: missing": { on: "get", make: header("x-amz-date", undefined) },
  "date: missing, signed without": {
    on: "get",
    make: (request, signer) => forge(withHeader(request, "x-amz-date", undefined), signer, {}),
  },
  "date: only an unsigned Date": {
    on: "get",
    make: (request, signer) =>
      extra(
        "date",
        new Date(signer.now).toUTCString(),
      )(forge(withHeader(request, "x-amz-date", undefined), signer, {})),
  },
  "date: not signed": {
    on: "get",
    make: (request, signer) =>
      forge(request, signer, {
        signedHeaders: (names) => names.filter((name) => name !== "x-amz-date"),
      }),
  },
  "date: in another form": { on: "get", make: header("x-amz-date", "03032006") },
  "date: 15 minutes and a second old": { on: "get", make: aged(-15 * minuteMs - 1000) },
  "date: 15 minutes and a second ahead": { on: "get", make: aged(15 * minuteMs + 1000) },
  "date: five days old": { on: "get", make: aged(-5 * dayMs) },
  "date: a year old": { on: "get", make: aged(-365 * dayMs) },
  "date: five days ahead": { on: "get", make: aged(5 * dayMs) },
  "signed headers: one left out": {
    on: "get",
    make: authorization((text) => text.replace("range;", "")),
  },
  "signed headers: one more": {
    on: "get",
    make: authorization((text) => text.replace("host;", "host;if-match;")),
  },
  "signed headers: one that was not sent, signed": {
    on: "get",
    make: (request, signer) =>
      forge(request, signer, { signedHeaders: (names) => [...names, "x-amz-zzz"] }),
  },
  "signed headers: out of order": {
    on: "get",
    make: (request, signer) =>
      forge(request, signer, { signedHeaders: (names) => names.toReversed() }),
  },
  "signed headers: capitals": {
    on: "get",
    make: authorization((text) => text.replace("host;", "Host;")),
  },
  "signed headers: repeated": {
    on: "get",
    make: (request, signer) =>
      forge(request, signer, { signedHeaders: (names) => [...names, ...names].toSorted() }),
  },
  "signed headers: an empty name": {
    on: "get",
    make: authorization((text) => text.replace("host;", "host;;")),
  },
  "signed headers: none": {
    on: "get",
    make: authorization((text) => text.replace(/SignedHeaders=[^,]*/, "SignedHeaders=")),
  },
  "signed headers: the authorization itself": {
    on: "get",
    make: (request, signer) =>
      forge(request, signer, { signedHeaders: (names) => ["authorization", ...names] }),
  },
  "signed headers: metadata left out, signed": {
    on: "put",
    make: (request, signer) =>
      forge(request, signer, {
        signedHeaders: (names) => names.filter((name) => name !== "x-amz-meta-owner"),
      }),
  },
  "authorization: no Credential": {
    on: "get",
    make: authorization((text) => text.replace(/Credential=[^,]*, /, "")),
  },
  "authorization: no SignedHeaders": {
    on: "get",
    make: authorization((text) => text.replace(/SignedHeaders=[^,]*, /, "")),
  },
  "authorization: no Signature": {
    on: "get",
    make: authorization((text) => text.replace(/, Signature=.*/, "")),
  },
  "authorization: two signatures": {
    on: "get",
    make: authorization((text) => `${text}, Signature=${"0".repeat(64)}`),
  },
  "authorization: another component": {
    on: "get",
    make: authorization((text) => `${text}, Extra=1`),
  },
  "authorization: a component without =": {
    on: "get",
    make: authorization((text) => text.replace("Signature=", "Signature")),
  },
  "authorization: no commas": {
    on: "get",
    make: authorization((text) => text.replaceAll(",", "")),
  },
  "authorization: only the scheme": {
    on: "get",
    make: header("authorization", "AWS4-HMAC-SHA256"),
  },
  "authorization: nothing": { on: "get", make: header("authorization", "") },
  "authorization: a word": { on: "get", make: header("authorization", "invalid_header") },
  "authorization: the scheme in lower case": {
    on: "get",
    make: authorization((text) => text.toLowerCase()),
  },
  "authorization: an older scheme": {
    on: "get",
    make: authorization((text) => text.replace("AWS4", "AWS2").replace("256", "1")),
  },
  "authorization: SigV4A": {
    on: "get",
    make: authorization((text) => text.replace("HMAC-SHA256", "ECDSA-P256-SHA256")),
  },
  "authorization: signature version 2": {
    on: "get",
    make: header("authorization", "AWS AKID:c2lnbmF0dXJl"),
  },
  "authorization: Basic": { on: "get", make: header("authorization", "Basic YTpi") },
  "authorization: a version 2 query as well": {
    on: "get",
    make: path((target) => `${target}?AWSAccessKeyId=a&Signature=b&Expires=9999999999`),
  },
  "authorization: in the query as well": {
    on: "get",
    make: path((target) => `${target}?X-Amz-Signature=${"0".repeat(64)}`),
  },
  "parameter: an x-amz- name that is a header too": {
    on: "put",
    make: (request, signer) =>
      forge({ ...request, target: `${request.target}?x-amz-meta-owner=bob` }, signer, {}),
  },
};

function flipLast(text: string): string {
  return text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");
}

function changed(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}

function day(timeMs: number): string {
  return formatAmzDate(timeMs).slice(0, 8);
}

function aged(byMs: number): Attack["make"] {
  return (request, signer) =>
    forge(request, signer, { headers: ["x-amz-date", formatAmzDate(signer.now + byMs)] });
}
