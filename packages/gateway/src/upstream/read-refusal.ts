import {
  catalogue,
  isErrorCode,
  readErrorDocument,
  S3Error,
  s3ErrorFromWire,
  type ErrorMeaning,
  type ErrorRow,
} from "@holdfast/protocol";
import type { Authorized } from "../context.ts";
import type { AnswerHead } from "./answer-head.ts";
import { badGateway, credentialRefused, unavailable } from "./upstream-errors.ts";

/**
 * Elements of an upstream's error that repeat what the client sent or say what it may send. All others may name the
 * upstream's buckets, accounts and addresses, and so may its messages: the catalogue's sentence stands for them.
 */
const details: ReadonlySet<string> = new Set([
  "ActualObjectSize",
  "ActualPartCount",
  "ArgumentName",
  "CalculatedDigest",
  "Condition",
  "ETag",
  "ExpectedDigest",
  "Header",
  "MaxSizeAllowed",
  "MinSizeAllowed",
  "PartNumber",
  "PartNumberRequested",
  "ProposedSize",
  "RangeRequested",
  "Size",
  "StorageClass",
  "UploadId",
  "VersionId",
]);

/** Headers of a refusal that say something of the object or of the next try. */
const toldHeaders = ["content-range", "retry-after", "x-amz-delete-marker", "x-amz-version-id"];

/** Codes of refusals that are not `unauthenticated` in the catalogue and speak of our signature all the same. */
const ours: ReadonlySet<string> = new Set([
  "AuthorizationHeaderMalformed",
  "IncompleteSignature",
  "RequestTimeTooSkewed",
  "UnsignedPayload",
  "XAmzContentSHA256Mismatch",
]);

const codePattern = /^[A-Za-z0-9 ._-]{1,64}$/;

/** What of a request decides how its refusal is read. */
type Asked = Pick<Authorized, "method" | "key" | "query">;

/** The error that an answer of 300 and above states; `body` is empty for a HEAD. */
export function readRefusal(head: AnswerHead, body: Buffer, asked: Asked): S3Error {
  const { status } = head;
  const retryAfter = head.value("retry-after");
  const isHead = asked.method === "HEAD";
  if (status === 307) return unavailable("upstream_redirect", undefined, retryAfter);
  if (status < 400) return badGateway("upstream_redirect");
  const document = isHead ? undefined : readErrorDocument(body);
  const code = isHead ? codeOfHead(head, asked.key === "") : document?.code;
  if (code === undefined || !codePattern.test(code)) return notS3(status, retryAfter);
  return refusalOf({ code, status, details: toldDetails(document?.details, asked), head });
}

function toldDetails(
  stated: Readonly<Record<string, string>> = {},
  { query }: Asked,
): Record<string, string> {
  const told: Record<string, string> = {};
  for (const [name, value] of Object.entries(stated)) {
    const isTheirs = name === "ArgumentValue" && [...query.values()].includes(value);
    if (details.has(name) || isTheirs) told[name] = value;
  }
  return told;
}

/** The error in a document that came with a success: the status was out before the outcome was known there, but not here. */
export function lateRefusal(code: string): S3Error {
  const row: ErrorRow | undefined = isErrorCode(code) ? catalogue[code] : undefined;
  return refusalOf({ code, status: row?.status ?? 500, details: {}, head: undefined });
}

/** Not S3, but what stands before it may say that it is down. */
function notS3(status: number, retryAfter: string | undefined): S3Error {
  if (status === 503 || status === 504) {
    return unavailable("upstream_unavailable", undefined, retryAfter);
  }
  return badGateway("upstream_malformed");
}

interface Stated {
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, string>>;
  readonly head: AnswerHead | undefined;
}

function refusalOf(stated: Stated): S3Error {
  const { code, status, details: told, head } = stated;
  const error = s3ErrorFromWire({ code, status, details: told });
  if (error.category === "unauthenticated" || ours.has(code)) return credentialRefused(error);
  if (error.category === "redirect") return badGateway("upstream_redirect", error);
  const headers: Record<string, string> = {};
  for (const name of toldHeaders) {
    const value = head?.value(name);
    if (value !== undefined) headers[name] = value;
  }
  const { message, category, retry } = error;
  const reason = code === "AccessDenied" ? "upstream_access_denied" : error.reason;
  const fields = { code, category, retry, details: error.details, headers, reason };
  return new S3Error(message, { ...fields, ...statusesOf(code, status) });
}

/** By the profile where the code came with one of its own statuses; as the upstream sent it otherwise. */
function statusesOf(code: string, status: number): { status: number; awsStatus: number } {
  const row: ErrorRow | undefined = isErrorCode(code) ? catalogue[code] : undefined;
  const meanings: ErrorMeaning[] =
    row === undefined ? [] : [row, ...Object.values(row.variants ?? {})];
  const meant = meanings.find((one) => one.status === status || one.awsStatus === status);
  if (meant === undefined) return { status, awsStatus: status };
  return { status: meant.status, awsStatus: meant.awsStatus ?? meant.status };
}

/** What a header states, or else what a status without a document means; undefined for one that S3 does not answer a HEAD with. */
function codeOfHead(head: AnswerHead, isBucket: boolean): string | undefined {
  // A page, or what would be one: whoever answers so is no S3.
  if (/^text\/html/i.test(head.value("content-type") ?? "")) return undefined;
  const stated = head.value("x-amz-error-code") ?? head.value("x-minio-error-code") ?? "";
  if (codePattern.test(stated)) return stated;
  if (head.status === 404) return isBucket ? "NoSuchBucket" : "NoSuchKey";
  return codesOfHead.get(head.status);
}

const codesOfHead: ReadonlyMap<number, string> = new Map([
  [400, "InvalidRequest"],
  [401, "SignatureDoesNotMatch"],
  [403, "AccessDenied"],
  [405, "MethodNotAllowed"],
  [409, "InvalidObjectState"],
  [412, "PreconditionFailed"],
  [416, "InvalidRange"],
  [429, "SlowDown"],
  [500, "InternalError"],
  [501, "NotImplemented"],
  [503, "ServiceUnavailable"],
]);
