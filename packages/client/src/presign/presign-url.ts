import { presign } from "@holdfast/protocol";
import { addressOf } from "../endpoints/address.ts";
import { writeHeaders, type HeaderInput, type RequestHeaders } from "../operations/header-table.ts";
import { requestHeaders, versionQuery, type ObjectInput } from "../operations/inputs.ts";
import { partQuery, type PartInput } from "../operations/upload-part.ts";
import { readConditionFields, writeConditionFields } from "../operations/object-fields.ts";
import {
  rangeHeader,
  writeChecksum,
  writeCustomerKey,
  type GivenChecksum,
} from "../operations/object-parts.ts";
import type { Query } from "../operations/perform.ts";
import { newObjectHeaders, type NewObjectInput } from "../operations/put-object.ts";
import { readObjectQuery, type ReadObjectInput } from "../operations/read-object.ts";
import {
  expiresAt,
  expiresSecondsOf,
  signing,
  type ExpiryInput,
  type PresignContext,
} from "./context.ts";
import * as rows from "../operations/rows.ts";

/** A request that whoever has it may send, and what it takes. */
export interface PresignedUrl {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  /** To be sent as it is. Web URLs, and so `fetch`, lose the `.` and `..` of a key, and are then refused. */
  readonly url: string;
  /** By lower-case name. They are signed, so they have to be sent as they are; none if nothing was asked for. */
  readonly headers: Readonly<Record<string, string>>;
  /** From then on it is refused; not later than the end of the credentials. */
  readonly expiresAt: Date;
}

interface Presignable extends Pick<ObjectInput, "bucket" | "key">, ExpiryInput {}

interface SignedParts {
  readonly method: PresignedUrl["method"];
  readonly query: Query | undefined;
  readonly headers: RequestHeaders;
}

function presigned(context: PresignContext, input: Presignable, parts: SignedParts): PresignedUrl {
  const { method, query } = parts;
  const { credentials, region, endpoint, now } = context;
  const { bucket, key } = input;
  const expiresSeconds = expiresSecondsOf(input);
  const { host, target } = addressOf(endpoint, { bucket, key, query });
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(parts.headers)) {
    if (value !== undefined) headers[name] = value;
  }
  const signed = presign(
    { method, target, headers: { ...headers, host } },
    { credentials, region, now, expiresSeconds },
  );
  const url = `${endpoint.secure ? "https" : "http"}://${host}${signed}`;
  return { method, url, headers, expiresAt: expiresAt(context, expiresSeconds) };
}

/** An object to be read by whoever has the URL. */
export interface PresignGetInput
  extends ExpiryInput, Omit<ReadObjectInput, "signal" | "checksumMode"> {}

/** Signs a GET. Throws an `S3Error` for what no service would accept. */
export function presignGet(context: PresignContext, input: PresignGetInput): PresignedUrl {
  return signing(rows.getObject, input, () => presigned(context, input, readParts("GET", input)));
}

/** Signs a HEAD. */
export function presignHead(context: PresignContext, input: PresignGetInput): PresignedUrl {
  return signing(rows.headObject, input, () => presigned(context, input, readParts("HEAD", input)));
}

function readParts(method: "GET" | "HEAD", input: PresignGetInput): SignedParts {
  const headers = requestHeaders(input);
  writeHeaders(readConditionFields, input, headers);
  headers["range"] = rangeHeader(input.range);
  writeCustomerKey(input.sseCustomerKey, headers);
  return { method, query: readObjectQuery(input), headers };
}

/** Bytes that the sender of a URL must send, where the signer knows them. */
interface SignedBody {
  /** In bytes. */
  readonly contentLength?: number | undefined;
  /** Base64 of the body's MD5. */
  readonly contentMd5?: string | undefined;
  readonly checksum?: GivenChecksum | undefined;
}

/** An object to be stored by whoever has the URL. */
export interface PresignPutInput
  extends
    ExpiryInput,
    SignedBody,
    Omit<NewObjectInput, "signal">,
    HeaderInput<typeof writeConditionFields> {}

/** Signs a PUT. It carries no checksum but one that is given: nobody knows the bytes yet. */
export function presignPut(context: PresignContext, input: PresignPutInput): PresignedUrl {
  return signing(rows.putObject, input, () => {
    const headers = newObjectHeaders(input);
    writeHeaders(writeConditionFields, input, headers);
    writeSignedBody(input, headers);
    return presigned(context, input, { method: "PUT", query: undefined, headers });
  });
}

function writeSignedBody(input: SignedBody, headers: RequestHeaders): void {
  headers["content-length"] = input.contentLength?.toString();
  headers["content-md5"] = input.contentMd5;
  writeChecksum(input.checksum, headers);
}

/** A part to be stored by whoever has the URL. */
export interface PresignUploadPartInput
  extends ExpiryInput, SignedBody, Omit<PartInput, "signal"> {}

/** Signs the upload of a part. */
export function presignUploadPart(
  context: PresignContext,
  input: PresignUploadPartInput,
): PresignedUrl {
  return signing(rows.uploadPart, input, () => {
    const headers = requestHeaders(input);
    writeSignedBody(input, headers);
    writeCustomerKey(input.sseCustomerKey, headers);
    return presigned(context, input, { method: "PUT", query: partQuery(input), headers });
  });
}

/** An object to be deleted by whoever has the URL. */
export interface PresignDeleteInput extends ExpiryInput, Omit<ObjectInput, "signal"> {}

/** Signs a DELETE. */
export function presignDelete(context: PresignContext, input: PresignDeleteInput): PresignedUrl {
  return signing(rows.deleteObject, input, () => {
    const headers = requestHeaders(input);
    return presigned(context, input, { method: "DELETE", query: versionQuery(input), headers });
  });
}
