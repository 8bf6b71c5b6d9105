import { HeaderTable, type HeaderFate, type HeaderRow } from "./header-table.ts";

const row =
  (fate: HeaderFate) =>
  (reason: string, names: readonly string[]): HeaderRow[] =>
    names.map((name) => ({ name, fate, reason }));
const forwarded = row("forwarded");
const rewritten = row("rewritten");
const ended = row("ended");
const refused = row("refused");

/** What becomes of the headers that a client sends. */
export const requestHeaders = new HeaderTable([
  ...forwarded("describes the object that is stored", [
    "cache-control",
    "content-disposition",
    "content-language",
    "content-type",
    "expires",
    "x-amz-meta-*",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-website-redirect-location",
  ]),
  ...forwarded("decides which bytes are asked for, and whether at all", [
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "range",
  ]),
  ...forwarded("binds the body to a digest, which was verified here and is verified there", [
    "content-md5",
    "x-amz-checksum-*",
    "x-amz-mp-object-size",
    "x-amz-sdk-checksum-algorithm",
  ]),
  ...forwarded("says how a copy is made", [
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-modified-since",
    "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-if-unmodified-since",
    "x-amz-copy-source-range",
    "x-amz-metadata-directive",
    "x-amz-tagging-directive",
  ]),
  ...forwarded("chooses what the answer tells", [
    "x-amz-optional-object-attributes",
    "x-amz-request-payer",
  ]),
  {
    name: "x-amz-server-side-encryption",
    fate: "forwarded",
    values: ["AES256"],
    reason: "with the upstream's own key; `aws:kms` would use a right of the gateway's credential",
  },
  {
    name: "x-amz-acl",
    fate: "forwarded",
    values: ["bucket-owner-full-control", "bucket-owner-read", "private"],
    reason: "the others open the object past this gateway, whose credentials say who may read",
  },
  {
    name: "x-amz-object-ownership",
    fate: "forwarded",
    values: ["BucketOwnerEnforced"],
    reason: "the others make access control lists count, which this gateway does not have",
  },
  {
    name: "x-amz-bucket-object-lock-enabled",
    fate: "forwarded",
    values: ["false"],
    reason: "locks need operations that the operation table does not have",
  },
  ...["x-amz-server-side-encryption-customer-*", "x-amz-copy-source-server-side-encryption-*"].map(
    (name): HeaderRow => ({
      name,
      fate: "forwarded",
      needsTls: true,
      reason: "carries the customer's key, which must not be readable on the way",
    }),
  ),
  ...rewritten("made anew for the connection to the upstream", ["content-length", "host"]),
  ...rewritten("made by signing with the upstream's credential", [
    "authorization",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
  ]),
  ...rewritten("`aws-chunked` is how the body travels, not how the object is encoded", [
    "content-encoding",
  ]),
  ...rewritten("the framing of the body is taken off, and put on again where it is needed", [
    "x-amz-decoded-content-length",
    "x-amz-trailer",
  ]),
  ...rewritten("names a bucket as this gateway knows it", ["x-amz-copy-source"]),
  ...rewritten("`identity` when the client names none: the bytes stay those that are stored", [
    "accept-encoding",
  ]),
  ...rewritten("names the gateway's own part of the trace, or the client's where nobody traces", [
    "traceparent",
  ]),
  ...ended("frames this connection alone (RFC 9110, 7.6.1)", [
    "connection",
    "keep-alive",
    "proxy-*",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
  ]),
  ...ended("answered here, when the upstream's connection takes the body", ["expect"]),
  ...ended("the signature's date is `x-amz-date`", ["date"]),
  ...ended("speaks of the client and of who stands before this gateway", [
    "amz-sdk-*",
    "cookie",
    "forwarded",
    "user-agent",
    "via",
    "x-amz-user-agent",
    "x-forwarded-*",
    "x-real-ip",
  ]),
  ...ended("the gateway decides on origins by the bucket's rules", [
    "access-control-*",
    "origin",
    "referer",
    "sec-*",
  ]),
  ...refused("names an account, and the upstream's is not the tenant's", [
    "x-amz-expected-bucket-owner",
    "x-amz-source-expected-bucket-owner",
  ]),
  ...refused("grants rights past this gateway", ["x-amz-grant-*"]),
  ...refused("would use a right of the gateway's credential that no verb names", [
    "x-amz-bypass-governance-retention",
    "x-amz-mfa",
    "x-amz-object-lock-*",
    "x-amz-server-side-encryption-*",
  ]),
  ...refused("has no meaning in any operation of the table", ["x-amz-*"]),
  ...ended("means nothing to S3", ["*"]),
]);
