import type { Checksum } from "@holdfast/protocol";
import { toReplayableBody, type RequestBody } from "../bodies/to-replayable-body.ts";
import type { Connection } from "../request/call.ts";
import { checksumIn, checksumShape } from "./checksum-shape.ts";
import {
  readHeaders,
  writeHeaders,
  type HeaderInput,
  type HeaderOutput,
  type HeaderTable,
} from "./header-table.ts";
import { requestHeaders } from "./inputs.ts";
import { uploadQuery, type UploadInput } from "./multipart-upload.ts";
import { writtenFields } from "./object-fields.ts";
import {
  copySourceHeader,
  writeChecksum,
  writeCustomerKey,
  type CopySourceInput,
  type GivenChecksum,
} from "./object-parts.ts";
import { perform, receiptOf, type Operation, type Query, type Receipt } from "./perform.ts";
import { readWritten, type PutObjectOutput } from "./put-object.ts";
import { invalidInput } from "./values.ts";
import { readDocument, type XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** Which part of an upload. */
export interface PartInput extends UploadInput {
  /** 1 to 10,000. */
  readonly partNumber: number;
  /** The key that the upload was begun with: 32 bytes. */
  readonly sseCustomerKey?: Uint8Array | undefined;
}

/** The query that names a part. */
export function partQuery({ partNumber, uploadId }: PartInput): Query {
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > 10_000) {
    throw invalidInput("A part's number is a whole one from 1 to 10,000.");
  }
  return [["partNumber", String(partNumber)], ...uploadQuery({ uploadId })];
}

/** A part to be stored. */
export interface UploadPartInput extends PartInput {
  readonly body?: RequestBody | undefined;
  /** In bytes; for a source that does not know its own. */
  readonly contentLength?: number | undefined;
  /** Base64 of the body's MD5. */
  readonly contentMd5?: string | undefined;
  readonly checksum?: GivenChecksum | undefined;
}

const upload: Operation<UploadPartInput, PutObjectOutput> = {
  row: rows.uploadPart,
  request(input) {
    const headers = requestHeaders(input);
    headers["content-md5"] = input.contentMd5;
    writeChecksum(input.checksum, headers);
    writeCustomerKey(input.sseCustomerKey, headers);
    const { contentLength: length, signal } = input;
    const body = toReplayableBody(input.body, { length, signal });
    return { query: partQuery(input), headers, body };
  },
  read: readWritten,
};

/** Stores a part of an upload; a part of the same number is replaced. */
export function uploadPart(
  connection: Connection,
  input: UploadPartInput,
): Promise<PutObjectOutput> {
  return perform(connection, upload, input);
}

/** Conditions on the source of a copy. */
const copyConditionFields = {
  copySourceIfMatch: ["x-amz-copy-source-if-match", "etag"],
  copySourceIfNoneMatch: ["x-amz-copy-source-if-none-match", "etag"],
  copySourceIfModifiedSince: ["x-amz-copy-source-if-modified-since", "http-date"],
  copySourceIfUnmodifiedSince: ["x-amz-copy-source-if-unmodified-since", "http-date"],
  expectedSourceBucketOwner: ["x-amz-source-expected-bucket-owner", "text"],
} as const satisfies HeaderTable;

/** Where a copy reads from, and on what conditions. */
export interface CopyFromInput extends HeaderInput<typeof copyConditionFields> {
  readonly copySource: CopySourceInput;
  /** The key of the caller's own that the source is encrypted with: 32 bytes. */
  readonly copySourceSseCustomerKey?: Uint8Array | undefined;
}

/** Sets the headers that name a copy's source. */
export function writeCopySource(
  input: CopyFromInput,
  headers: Record<string, string | undefined>,
): void {
  writeHeaders(copyConditionFields, input, headers);
  headers["x-amz-copy-source"] = copySourceHeader(input.copySource);
  writeCustomerKey(input.copySourceSseCustomerKey, headers, "x-amz-copy-source-");
}

/** What the answer to a copy tells beside its document. */
export const copiedFields = {
  ...writtenFields,
  copySourceVersionId: ["x-amz-copy-source-version-id", "text"],
} as const satisfies HeaderTable;

/** What a copy made. */
export interface CopyOutput extends Receipt, HeaderOutput<typeof copiedFields> {
  /** Without quotes. */
  readonly etag: string;
  readonly lastModified?: Date | undefined;
  readonly checksum?: Checksum | undefined;
}

/** What documents say of a copy. */
export const copiedShape = {
  etag: { element: "ETag", is: "etag", required: true },
  lastModified: "date",
  ...checksumShape,
  checksumType: "text",
} as const;

/** A part to be copied from an object. */
export interface UploadPartCopyInput extends PartInput, CopyFromInput {
  /** Bytes of the source, first and last included; all of them without it. */
  readonly copySourceRange?: { readonly start: number; readonly end: number } | undefined;
}

const copiedPart = { root: "CopyPartResult", fields: copiedShape } as const satisfies XmlDocument;

const copy: Operation<UploadPartCopyInput, CopyOutput> = {
  row: rows.uploadPartCopy,
  request(input) {
    const headers = requestHeaders(input);
    writeCopySource(input, headers);
    writeCustomerKey(input.sseCustomerKey, headers);
    const { copySourceRange: range } = input;
    if (range !== undefined) {
      headers["x-amz-copy-source-range"] = `bytes=${range.start}-${range.end}`;
    }
    return { query: partQuery(input), headers, answer: copiedPart.root };
  },
  read(answer) {
    const { etag, lastModified, checksumType, ...checksums } = readDocument(
      copiedPart,
      answer.document,
    );
    return readHeaders(copiedFields, answer.headers, {
      ...receiptOf(answer),
      etag,
      ...(lastModified !== undefined && { lastModified }),
      checksum: checksumIn(checksums, checksumType),
    });
  },
};

/** Makes a part of an object's bytes, or of a range of them, within the service. */
export function uploadPartCopy(
  connection: Connection,
  input: UploadPartCopyInput,
): Promise<CopyOutput> {
  return perform(connection, copy, input);
}
