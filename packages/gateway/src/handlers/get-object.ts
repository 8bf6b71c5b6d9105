import type { ObjectInfo } from "@holdfast/engine";
import {
  contentRange,
  parseRange,
  readCondition,
  s3Error,
  type ByteRange,
} from "@holdfast/protocol";
import type { Authorized } from "../context.ts";
import { conditionHeaders } from "./condition-headers.ts";
import type { Handler } from "./handler.ts";
import { checksumHeaders, objectHeaders } from "./metadata.ts";

/** Sends an object, or the range or part of it that was asked for. */
export const getObject: Handler = async (request, engine) => {
  const object = await engine.openObject(request.bucket, request.key);
  try {
    const { status, headers, range } = describe(request, object.info);
    const stream = {
      length: range === undefined ? object.info.size : range.end - range.start + 1,
      read: () => object.read(range),
      close: () => object.close(),
    };
    return { status, headers, body: stream };
  } catch (error) {
    await object.close();
    throw error;
  }
};

/** What GET would answer, without the bytes. */
export const headObject: Handler = async (request, engine) => {
  const info = await engine.headObject(request.bucket, request.key);
  const { status, headers, range } = describe(request, info);
  const length = range === undefined ? info.size : range.end - range.start + 1;
  return { status, headers: { ...headers, "content-length": String(length) } };
};

interface Description {
  readonly status: 200 | 206;
  readonly headers: Record<string, string>;
  readonly range: ByteRange | undefined;
}

function describe(request: Authorized, info: ObjectInfo): Description {
  readCondition(conditionHeaders(request.headers), request.receivedAt)(info);
  const part = readPartNumber(request);
  const headers = { ...objectHeaders(info), ...overrides(request.query) };
  const wantsChecksum =
    request.headers["x-amz-checksum-mode"]?.toString().toUpperCase() === "ENABLED";
  if (part !== undefined) {
    const { range, checksum, count } = selectPart(info, part);
    if (wantsChecksum) Object.assign(headers, checksumHeaders(checksum));
    if (count !== undefined) headers["x-amz-mp-parts-count"] = String(count);
    if (range !== undefined) headers["content-range"] = contentRange(range, info.size);
    return { status: 206, headers, range };
  }
  const { range: rangeHeader } = request.headers;
  const range = rangeHeader === undefined ? undefined : parseRange(rangeHeader, info.size);
  if (range !== undefined) {
    headers["content-range"] = contentRange(range, info.size);
    return { status: 206, headers, range };
  }
  // The checksum covers the whole object: with a range it would be taken for the range's.
  if (wantsChecksum) Object.assign(headers, checksumHeaders(info));
  return { status: 200, headers, range };
}

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

/** A part number of S3: 1 to 10,000. */
export function parsePartNumber(value: string): number {
  const number = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (number >= 1 && number <= 10_000) return number;
  throw s3Error("InvalidArgument", undefined, {
    message: "Part number must be an integer between 1 and 10000, inclusive",
    extra: { ArgumentName: "partNumber", ArgumentValue: value },
  });
}

interface SelectedPart {
  readonly range: ByteRange | undefined;
  readonly checksum: Pick<ObjectInfo, "checksum">;
  readonly count?: number;
}

/** An object that was put in one piece is its own part 1. */
function selectPart(info: ObjectInfo, partNumber: number): SelectedPart {
  const { parts } = info;
  if (parts === undefined) {
    if (partNumber > 1) throw noSuchPart(partNumber, 1);
    return { range: wholeRange(info.size), checksum: info };
  }
  let start = 0;
  for (const part of parts.slice(0, partNumber - 1)) start += part.size;
  const part = parts[partNumber - 1];
  if (part === undefined) throw noSuchPart(partNumber, parts.length);
  const range = part.size === 0 ? undefined : { start, end: start + part.size - 1 };
  return { range, checksum: part, count: parts.length };
}

function wholeRange(size: number): ByteRange | undefined {
  return size === 0 ? undefined : { start: 0, end: size - 1 };
}

function noSuchPart(partNumber: number, count: number): Error {
  return s3Error("InvalidPartNumber", undefined, {
    extra: { PartNumberRequested: String(partNumber), ActualPartCount: String(count) },
  });
}

const overridable = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
] as const;

/** `response-content-type` and its kind replace what is stored, for this answer alone. */
function overrides(query: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of overridable) {
    const value = query.get(`response-${name}`);
    if (value === undefined) continue;
    // The characters that a header cannot carry would end the response or add to it.
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) {
      throw s3Error("InvalidArgument", undefined, {
        message: "The value cannot stand in an HTTP header.",
        extra: { ArgumentName: `response-${name}` },
      });
    }
    headers[name] = value;
  }
  return headers;
}
