import { HeaderTable, type HeaderFate, type HeaderRow } from "./header-table.ts";

const row =
  (fate: HeaderFate) =>
  (reason: string, names: readonly string[]): HeaderRow[] =>
    names.map((name) => ({ name, fate, reason }));
const forwarded = row("forwarded");
const rewritten = row("rewritten");
const ended = row("ended");

/** What becomes of the headers that an upstream sends. */
export const responseHeaders = new HeaderTable([
  ...forwarded("describes the object and its bytes", [
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-range",
    "content-type",
    "etag",
    "expires",
    "last-modified",
    "x-amz-checksum-*",
    "x-amz-meta-*",
    "x-amz-missing-meta",
    "x-amz-mp-parts-count",
    "x-amz-object-lock-*",
    "x-amz-object-size",
    "x-amz-replication-status",
    "x-amz-restore",
    "x-amz-storage-class",
    "x-amz-tagging-count",
    "x-amz-website-redirect-location",
  ]),
  ...forwarded("says what was done", [
    "x-amz-abort-date",
    "x-amz-abort-rule-id",
    "x-amz-copy-source-version-id",
    "x-amz-delete-marker",
    "x-amz-expiration",
    "x-amz-request-charged",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-server-side-encryption-customer-*",
    "x-amz-version-id",
  ]),
  ...forwarded("says when to come again", ["retry-after"]),
  ...rewritten("made for the connection to the client", ["content-length", "date", "server"]),
  ...rewritten("the region that clients sign for", ["x-amz-bucket-region"]),
  ...rewritten("names a bucket as the upstream knows it", ["location"]),
  ...rewritten("this gateway's own; the upstream's stand in the log", [
    "x-amz-id-2",
    "x-amz-request-id",
  ]),
  ...ended("frames the upstream's connection alone (RFC 9110, 7.6.1)", [
    "connection",
    "keep-alive",
    "proxy-*",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
  ]),
  ...ended("the gateway decides on origins by the bucket's rules", ["access-control-*", "vary"]),
  ...ended("names an account, a key or an address of the upstream's", [
    "x-amz-access-point-alias",
    "x-amz-bucket-arn",
    "x-amz-bucket-location-name",
    "x-amz-server-side-encryption-*",
  ]),
  ...ended("would bind the client to the upstream's host", [
    "alt-svc",
    "set-cookie",
    "strict-transport-security",
  ]),
  ...ended("is not S3's, or not known to be without harm", ["*"]),
]);
