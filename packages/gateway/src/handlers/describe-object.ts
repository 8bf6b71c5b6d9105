import type { ObjectInfo } from "@holdfast/engine";
import {
  contentRange,
  parseRange,
  readCondition,
  s3Error,
  S3Error,
  type ByteRange,
} from "@holdfast/protocol";
import type { Authorized } from "../context.ts";
import { conditionHeaders } from "./condition-headers.ts";
import { admitsRange } from "./if-range.ts";
import { checksumHeaders, objectHeaders } from "./metadata.ts";
import { parsePartNumber } from "./part-number.ts";
import { responseOverrides } from "./response-overrides.ts";
import { selectPart } from "./select-part.ts";

/** What GET and HEAD answer, and which bytes GET sends. */
export interface Description {
  readonly status: 200 | 206;
  readonly headers: Record<string, string>;
  /** How many bytes; none at all, or those of `range`, or else the whole object. */
  readonly length: number;
  readonly range: ByteRange | undefined;
}

/** Decides on conditions first, then on the part or range that was asked for (RFC 9110, 13.2.2). */
export function describeObject(request: Authorized, info: ObjectInfo): Description {
  const partNumber = readPartNumber(request);
  const headers = Object.assign(objectHeaders(info), responseOverrides(request.query));
  checkConditions(request, info, headers);
  if (partNumber !== undefined) return describePart({ request, info, headers }, partNumber);
  const range = readRange(request, info);
  if (range !== undefined) {
    headers["content-range"] = contentRange(range, info.size);
    return { status: 206, headers, range, length: lengthOf(range) };
  }
  // The checksum covers the whole object: with a range it would be taken for the range's.
  if (wantsChecksum(request)) Object.assign(headers, checksumHeaders(info));
  return { status: 200, headers, range, length: info.size };
}

interface Described {
  readonly request: Authorized;
  readonly info: ObjectInfo;
  readonly headers: Record<string, string>;
}

function describePart({ request, info, headers }: Described, partNumber: number): Description {
  const { range, checksum, count } = selectPart(info, partNumber);
  if (wantsChecksum(request)) Object.assign(headers, checksumHeaders(checksum));
  if (count !== undefined) headers["x-amz-mp-parts-count"] = String(count);
  // No Content-Range can name an empty part, and a 206 needs one (RFC 9110, 15.3.7).
  if (range === undefined) return { status: 200, headers, range, length: 0 };
  headers["content-range"] = contentRange(range, info.size);
  return { status: 206, headers, range, length: lengthOf(range) };
}

function checkConditions(
  { headers: sent, receivedAt }: Authorized,
  info: ObjectInfo,
  headers: Readonly<Record<string, string>>,
): void {
  try {
    readCondition(conditionHeaders(sent), receivedAt)(info);
  } catch (error) {
    if (!S3Error.is(error) || error.code !== "NotModified") throw error;
    // What a cache would have learnt from a 200 it learns from a 304 (RFC 9110, 15.4.5).
    const repeated = Object.entries(headers).filter(([name]) => cached.has(name));
    throw s3Error("NotModified", undefined, {
      headers: { ...error.headers, ...Object.fromEntries(repeated) },
      cause: error,
    });
  }
}

const cached: ReadonlySet<string> = new Set(["cache-control", "expires"]);

function readPartNumber({ query, headers }: Authorized): number | undefined {
  const value = query.get("partNumber");
  if (value === undefined) return undefined;
  if (headers.range !== undefined) {
    throw s3Error("InvalidRequest", undefined, {
      message: "Cannot specify both Range header and partNumber query parameter",
    });
  }
  return parsePartNumber(value);
}

function readRange({ headers, receivedAt }: Authorized, info: ObjectInfo): ByteRange | undefined {
  if (headers.range === undefined) return undefined;
  if (!admitsRange(headers["if-range"], info, receivedAt)) return undefined;
  return parseRange(headers.range, info.size);
}

function wantsChecksum({ headers }: Authorized): boolean {
  return headers["x-amz-checksum-mode"]?.toString().toUpperCase() === "ENABLED";
}

function lengthOf({ start, end }: ByteRange): number {
  return end - start + 1;
}
