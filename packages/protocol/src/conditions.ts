import { parseHttpDate, formatHttpDate } from "./dates.ts";
import { s3Error, type S3Error } from "./errors/s3-error.ts";
import { parseEtagList, quoteEtag, type EtagList } from "./etag.ts";

/** What conditions are decided on. */
export interface Validators {
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since 1970, UTC; HTTP's dates know no more than its seconds. */
  readonly lastModified: number;
}

/** The conditional headers of a request as they were sent. */
export interface ConditionHeaders {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
}

/** Conditions read once and decided as often as needed. */
interface Conditions {
  readonly ifMatch: EtagList | undefined;
  readonly ifNoneMatch: EtagList | undefined;
  /** Seconds since 1970. */
  readonly ifModifiedSince: number | undefined;
  readonly ifUnmodifiedSince: number | undefined;
}

type Failure = "If-Match" | "If-None-Match" | "If-Modified-Since" | "If-Unmodified-Since";

/**
 * Decides on a GET or HEAD in the order of RFC 9110, 13.2.2, and so as S3 does: throws
 * `PreconditionFailed`, or `NotModified` with the headers that a 304 repeats. A date that cannot be
 * read is no condition. `nowMs` is for the century of obsolete dates alone.
 */
export function readCondition(
  headers: ConditionHeaders,
  nowMs: number,
): (current: Validators) => void {
  const conditions = parse(headers, nowMs);
  return (current) => {
    const failure = evaluate(conditions, current);
    if (failure === "If-None-Match" || failure === "If-Modified-Since") throw notModified(current);
    if (failure !== undefined) throw s3Error("PreconditionFailed", { Condition: failure });
  };
}

/**
 * Decides on the source of a copy by its `x-amz-copy-source-if-*` headers, in the same order as a
 * read; nothing but `PreconditionFailed` is thrown.
 */
export function copySourceCondition(
  headers: ConditionHeaders,
  nowMs: number,
): (source: Validators) => void {
  const conditions = parse(headers, nowMs);
  return (source) => {
    const failure = evaluate(conditions, source);
    if (failure === undefined) return;
    throw s3Error("PreconditionFailed", { Condition: `x-amz-copy-source-${failure}` });
  };
}

/**
 * Decides on a write or delete of a key: `PreconditionFailed` when another object is there than
 * `If-Match` names or one is there at all under `If-None-Match: *`, `NoSuchKey` when `If-Match` has
 * nothing to match. What S3 does not implement for writes is refused at once with `NotImplemented`.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function writeCondition(
  headers: ConditionHeaders,
  key: string,
): (current: Validators | undefined) => void {
  refuseUnimplemented(headers);
  const ifMatch = headers.ifMatch === undefined ? undefined : parseEtagList(headers.ifMatch);
  const mustBeNew = headers.ifNoneMatch !== undefined;
  return (current) => {
    if (ifMatch !== undefined) {
      if (current === undefined) throw s3Error("NoSuchKey", { Key: key });
      if (!matchesStrongly(ifMatch, current.etag)) {
        throw s3Error("PreconditionFailed", { Condition: "If-Match" });
      }
    }
    if (mustBeNew && current !== undefined) {
      throw s3Error("PreconditionFailed", { Condition: "If-None-Match" });
    }
  };
}

function refuseUnimplemented(headers: ConditionHeaders): void {
  const etag = headers.ifNoneMatch !== undefined && headers.ifNoneMatch.trim() !== "*";
  const refused = [
    etag && "If-None-Match",
    headers.ifModifiedSince !== undefined && "If-Modified-Since",
    headers.ifUnmodifiedSince !== undefined && "If-Unmodified-Since",
  ].find((name) => name !== false);
  if (refused !== undefined) {
    throw s3Error("NotImplemented", undefined, {
      extra: { Header: refused },
      reason: "unsupported_write_condition",
    });
  }
}

function parse(headers: ConditionHeaders, nowMs: number): Conditions {
  const { ifMatch, ifNoneMatch } = headers;
  return {
    ifMatch: ifMatch === undefined ? undefined : parseEtagList(ifMatch),
    ifNoneMatch: ifNoneMatch === undefined ? undefined : parseEtagList(ifNoneMatch),
    ifModifiedSince: parseSeconds(headers.ifModifiedSince, nowMs),
    ifUnmodifiedSince: parseSeconds(headers.ifUnmodifiedSince, nowMs),
  };
}

function parseSeconds(date: string | undefined, nowMs: number): number | undefined {
  const timeMs = date === undefined ? undefined : parseHttpDate(date.trim(), nowMs);
  return timeMs === undefined ? undefined : timeMs / 1000;
}

/** The first condition that does not hold; an etag's verdict makes the date beside it moot. */
function evaluate(conditions: Conditions, current: Validators): Failure | undefined {
  const { ifMatch, ifNoneMatch, ifModifiedSince = -Infinity, ifUnmodifiedSince } = conditions;
  const modified = Math.floor(current.lastModified / 1000);
  if (ifMatch !== undefined) {
    if (!matchesStrongly(ifMatch, current.etag)) return "If-Match";
  } else if (modified > (ifUnmodifiedSince ?? Infinity)) return "If-Unmodified-Since";
  if (ifNoneMatch !== undefined) {
    return matchesWeakly(ifNoneMatch, current.etag) ? "If-None-Match" : undefined;
  }
  return modified <= ifModifiedSince ? "If-Modified-Since" : undefined;
}

function matchesStrongly(list: EtagList, etag: string): boolean {
  return list === "*" || list.some((entry) => !entry.weak && entry.etag === etag);
}

function matchesWeakly(list: EtagList, etag: string): boolean {
  return list === "*" || list.some((entry) => entry.etag === etag);
}

function notModified(current: Validators): S3Error {
  const headers = {
    etag: quoteEtag(current.etag),
    "last-modified": formatHttpDate(current.lastModified),
  };
  return s3Error("NotModified", undefined, { headers });
}
