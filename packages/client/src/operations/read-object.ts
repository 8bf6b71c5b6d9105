import type { Checksum } from "@holdfast/protocol";
import type { Answer } from "../request/call.ts";
import {
  readHeaders,
  writeHeaders,
  type HeaderInput,
  type HeaderOutput,
  type HeaderTable,
} from "./header-table.ts";
import { requestHeaders, type ObjectInput } from "./inputs.ts";
import { readMetadata } from "./metadata.ts";
import { describedFields, readConditionFields } from "./object-fields.ts";
import {
  rangeHeader,
  readChecksum,
  requiredEtag,
  writeCustomerKey,
  type RangeInput,
} from "./object-parts.ts";
import { receiptOf, type Query, type Receipt, type RequestParts } from "./perform.ts";

/** Headers of the answer that a signed GET may ask for, and the query parameters that do so. */
const responseOverrides = {
  responseCacheControl: "response-cache-control",
  responseContentDisposition: "response-content-disposition",
  responseContentEncoding: "response-content-encoding",
  responseContentLanguage: "response-content-language",
  responseContentType: "response-content-type",
  responseExpires: "response-expires",
} as const;

/** Headers that the answer to a GET shall have instead of the object's own. */
export type ResponseOverrides = {
  readonly [Name in keyof typeof responseOverrides]?: string | undefined;
};

const readFields = {
  ...readConditionFields,
  /** `ENABLED` asks for the object's checksum. */
  checksumMode: ["x-amz-checksum-mode", "text"],
} as const satisfies HeaderTable;

/** What a GET or a HEAD of an object may say. */
export interface ReadObjectInput
  extends ObjectInput, ResponseOverrides, HeaderInput<typeof readFields> {
  readonly range?: RangeInput | undefined;
  /** Counted from 1; of an object that was uploaded in parts. */
  readonly partNumber?: number | undefined;
  /** The key of the caller's own that the object is encrypted with: 32 bytes. */
  readonly sseCustomerKey?: Uint8Array | undefined;
}

/** A read whose answer cannot be that nothing has changed. */
export interface UnconditionalReadInput extends ReadObjectInput {
  readonly ifNoneMatch?: undefined;
  readonly ifModifiedSince?: undefined;
}

/** What is known of an object. */
export interface ObjectDescription extends Receipt, HeaderOutput<typeof describedFields> {
  readonly notModified: false;
  /** Without quotes. */
  readonly etag: string;
  /** By lower-case name. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksum?: Checksum | undefined;
}

/** The object is as the conditions of the read said: the caller has it already. */
export interface NotModified extends Receipt, HeaderOutput<typeof notModifiedFields> {
  readonly notModified: true;
}

const notModifiedFields = {
  etag: ["etag", "etag"],
  lastModified: ["last-modified", "http-date"],
  cacheControl: ["cache-control", "text"],
  expires: ["expires", "text"],
  versionId: ["x-amz-version-id", "text"],
} as const satisfies HeaderTable;

/** The status that a condition of a read makes an answer of. */
const notModified = 304;

/** The request of a GET or a HEAD. */
export function readObjectRequest(input: ReadObjectInput, answer?: string): RequestParts {
  const headers = requestHeaders(input);
  writeHeaders(readFields, input, headers);
  headers["range"] = rangeHeader(input.range);
  writeCustomerKey(input.sseCustomerKey, headers);
  return { query: readObjectQuery(input), headers, answer, accepts: [notModified] };
}

/** The query of a read, or undefined. */
export function readObjectQuery(
  input: Pick<ReadObjectInput, "versionId" | "partNumber"> & ResponseOverrides,
): Query | undefined {
  const query: [string, string | undefined][] = [];
  if (input.partNumber !== undefined) query.push(["partNumber", String(input.partNumber)]);
  if (input.versionId !== undefined) query.push(["versionId", input.versionId]);
  for (const [name, value] of Object.entries(input)) {
    const parameter = overrideOf(name);
    if (parameter !== undefined && typeof value === "string") query.push([parameter, value]);
  }
  return query.length === 0 ? undefined : query;
}

function overrideOf(name: string): string | undefined {
  const found: Readonly<Record<string, string>> = responseOverrides;
  return name.startsWith("response") && Object.hasOwn(found, name) ? found[name] : undefined;
}

/** What the headers say of an object, or that it has not changed. */
export function readObjectDescription(answer: Answer): ObjectDescription | NotModified {
  const { headers } = answer;
  const receipt = receiptOf(answer);
  if (answer.status === notModified) {
    return readHeaders(notModifiedFields, headers, { ...receipt, notModified: true as const });
  }
  return readHeaders(describedFields, headers, {
    httpStatus: receipt.httpStatus,
    requestId: receipt.requestId,
    notModified: false as const,
    etag: requiredEtag(headers),
    metadata: readMetadata(headers),
    checksum: readChecksum(headers),
  });
}
