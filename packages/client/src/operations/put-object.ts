import { randomUUID } from "node:crypto";
import type { Checksum } from "@holdfast/protocol";
import { toReplayableBody, type RequestBody } from "../bodies/to-replayable-body.ts";
import type { Answer, Connection } from "../request/call.ts";
import { readHeaders, writeHeaders, type HeaderInput, type HeaderOutput } from "./header-table.ts";
import { requestHeaders, type KeyInput } from "./inputs.ts";
import { writeMetadata } from "./metadata.ts";
import {
  aclFields,
  contentFields,
  encryptionFields,
  writeConditionFields,
  writtenFields,
} from "./object-fields.ts";
import {
  readChecksum,
  requiredEtag,
  tagsHeader,
  writeChecksum,
  writeCustomerKey,
  type GivenChecksum,
} from "./object-parts.ts";
import { perform, receiptOf, type Operation, type Receipt } from "./perform.ts";
import { wroteMark } from "./settle.ts";
import * as rows from "./rows.ts";

/** What a new object is given beside its bytes. */
export interface NewObjectInput
  extends
    KeyInput,
    HeaderInput<typeof contentFields>,
    HeaderInput<typeof encryptionFields>,
    HeaderInput<typeof aclFields> {
  /** The object's own entries. S3 keeps their names in lower case. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly tagging?: Readonly<Record<string, string>> | undefined;
  /** A key that the service uses and does not keep: 32 bytes. */
  readonly sseCustomerKey?: Uint8Array | undefined;
}

/** An object to be stored. */
export interface PutObjectInput extends NewObjectInput, HeaderInput<typeof writeConditionFields> {
  /** Without one the object is empty. */
  readonly body?: RequestBody | undefined;
  /** In bytes; for a source that does not know its own. */
  readonly contentLength?: number | undefined;
  /** Base64 of the body's MD5. */
  readonly contentMd5?: string | undefined;
  readonly checksum?: GivenChecksum | undefined;
}

/** What was stored. */
export interface PutObjectOutput extends Receipt, HeaderOutput<typeof writtenFields> {
  /** Without quotes. */
  readonly etag: string;
  readonly checksum?: Checksum | undefined;
}

/** The entry of an object's metadata that names the conditional write which made it. */
export const writeIdName = "holdfast-write-id";

const operation: Operation<PutObjectInput, PutObjectOutput> = {
  row: rows.putObject,
  request(input) {
    const headers = newObjectHeaders(input);
    writeHeaders(writeConditionFields, input, headers);
    headers["content-md5"] = input.contentMd5;
    writeChecksum(input.checksum, headers);
    const { contentLength: length, signal } = input;
    const body = toReplayableBody(input.body, { length, signal });
    if (input.ifMatch === undefined && input.ifNoneMatch === undefined) return { headers, body };
    // Sent again after a lost answer, a condition is judged on what the first try stored: the mark tells whose it is.
    const mark = { header: `x-amz-meta-${writeIdName}`, value: randomUUID() };
    headers[mark.header] = mark.value;
    return { headers, body, settle: wroteMark(input, mark) };
  },
  read: readWritten,
};

/**
 * Stores an object, whole or not at all. A conditional one carries `x-amz-meta-holdfast-write-id`, by which it knows
 * itself again: a 412 that its own lost answer brought about is a success.
 */
export function putObject(connection: Connection, input: PutObjectInput): Promise<PutObjectOutput> {
  return perform(connection, operation, input);
}

/** The headers that make an object what it is. */
export function newObjectHeaders(input: NewObjectInput): Record<string, string | undefined> {
  const headers = requestHeaders(input);
  writeHeaders(contentFields, input, headers);
  writeHeaders(encryptionFields, input, headers);
  writeHeaders(aclFields, input, headers);
  writeMetadata(input.metadata, headers);
  writeCustomerKey(input.sseCustomerKey, headers);
  headers["x-amz-tagging"] = tagsHeader(input.tagging);
  return headers;
}

/** What the answer to a write says of what was stored. */
export function readWritten(answer: Answer): PutObjectOutput {
  const { headers } = answer;
  const receipt = receiptOf(answer);
  return readHeaders(writtenFields, headers, {
    httpStatus: receipt.httpStatus,
    requestId: receipt.requestId,
    etag: requiredEtag(headers),
    checksum: readChecksum(headers),
  });
}
