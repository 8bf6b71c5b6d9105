import type { Checksum, ChecksumAlgorithm, ChecksumType } from "@holdfast/protocol";
import { toReplayableBody } from "../bodies/to-replayable-body.ts";
import type { Connection } from "../request/call.ts";
import { checkNamed } from "./check-target.ts";
import { checksumIn, checksumShape } from "./checksum-shape.ts";
import {
  readHeaders,
  writeHeaders,
  type HeaderInput,
  type HeaderOutput,
  type HeaderTable,
} from "./header-table.ts";
import { requestHeaders, type KeyInput } from "./inputs.ts";
import {
  customerKeyAnswerFields,
  encryptionFields,
  writeConditionFields,
  writtenFields,
} from "./object-fields.ts";
import { writeChecksum, writeCustomerKey, type GivenChecksum } from "./object-parts.ts";
import { perform, receiptOf, type Operation, type Query, type Receipt } from "./perform.ts";
import { newObjectHeaders, type NewObjectInput } from "./put-object.ts";
import { doneAlready, madeOfParts } from "./settle.ts";
import { malformed } from "./values.ts";
import { readDocument, writeDocument, type XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** An upload under way. */
export interface UploadInput extends KeyInput {
  readonly uploadId: string;
}

/** The query that names an upload. */
export function uploadQuery({ uploadId }: Pick<UploadInput, "uploadId">): Query {
  // Without it an abort would be the object's own delete, and a part the whole object.
  checkNamed("uploadId", uploadId);
  return [["uploadId", uploadId]];
}

/** What the object will be that an upload makes. */
export interface CreateMultipartUploadInput extends NewObjectInput {
  readonly checksumAlgorithm?: ChecksumAlgorithm | undefined;
  readonly checksumType?: ChecksumType | undefined;
}

const createdFields = {
  ...encryptionFields,
  ...customerKeyAnswerFields,
  /** When the upload's parts will be removed if it is not completed. */
  abortDate: ["x-amz-abort-date", "http-date"],
  abortRuleId: ["x-amz-abort-rule-id", "text"],
  checksumAlgorithm: ["x-amz-checksum-algorithm", "text"],
  checksumType: ["x-amz-checksum-type", "text"],
  requestCharged: ["x-amz-request-charged", "text"],
} as const satisfies HeaderTable;

/** An upload that has begun. */
export interface CreateMultipartUploadOutput extends Receipt, HeaderOutput<typeof createdFields> {
  readonly uploadId: string;
}

const createdDocument = {
  root: "InitiateMultipartUploadResult",
  fields: { uploadId: { is: "text", required: true } },
} as const satisfies XmlDocument;

const create: Operation<CreateMultipartUploadInput, CreateMultipartUploadOutput> = {
  row: rows.createMultipartUpload,
  request(input) {
    const headers = newObjectHeaders(input);
    headers["x-amz-checksum-algorithm"] = input.checksumAlgorithm;
    headers["x-amz-checksum-type"] = input.checksumType;
    return { headers, answer: createdDocument.root };
  },
  read(answer) {
    const { uploadId } = readDocument(createdDocument, answer.document);
    if (uploadId === "") throw malformed("The answer has no upload id.");
    return readHeaders(createdFields, answer.headers, { ...receiptOf(answer), uploadId });
  },
};

/** Begins an upload in parts. It is not repeated after an answer was lost: each one makes an upload that has to be ended. */
export function createMultipartUpload(
  connection: Connection,
  input: CreateMultipartUploadInput,
): Promise<CreateMultipartUploadOutput> {
  return perform(connection, create, input);
}

const abortFields = {
  /** Only an upload that was begun at that time. */
  ifMatchInitiatedTime: ["x-amz-if-match-initiated-time", "http-date"],
} as const satisfies HeaderTable;

/** An upload to end without an object. */
export interface AbortMultipartUploadInput extends UploadInput, HeaderInput<typeof abortFields> {}

const abort: Operation<AbortMultipartUploadInput, Receipt> = {
  row: rows.abortMultipartUpload,
  request(input) {
    const headers = requestHeaders(input);
    writeHeaders(abortFields, input, headers);
    return { query: uploadQuery(input), headers, settle: doneAlready("NoSuchUpload") };
  },
  read: receiptOf,
};

/** Ends an upload and removes its parts. Parts on their way may survive it: list them and abort again. */
export function abortMultipartUpload(
  connection: Connection,
  input: AbortMultipartUploadInput,
): Promise<Receipt> {
  return perform(connection, abort, input);
}

/** A part that was uploaded, as `uploadPart` told of it. */
export interface CompletedPart {
  readonly partNumber: number;
  readonly etag: string;
  readonly checksum?: GivenChecksum | undefined;
}

/** An upload to make an object of. */
export interface CompleteMultipartUploadInput
  extends UploadInput, HeaderInput<typeof writeConditionFields> {
  /** In ascending order of their numbers. */
  readonly parts: readonly CompletedPart[];
  /** Of the whole object. */
  readonly checksum?: GivenChecksum | undefined;
  readonly checksumType?: ChecksumType | undefined;
  /** In bytes; the service refuses to make an object of another size. */
  readonly objectSize?: number | undefined;
  readonly sseCustomerKey?: Uint8Array | undefined;
}

/** The object that an upload became. */
export interface CompleteMultipartUploadOutput extends Receipt, HeaderOutput<typeof writtenFields> {
  /** Without quotes. */
  readonly etag: string;
  /** Absent where the completion's own answer was lost. */
  readonly location?: string | undefined;
  readonly checksum?: Checksum | undefined;
}

const completionDocument = {
  root: "CompleteMultipartUpload",
  fields: {
    parts: {
      element: "Part",
      list: true,
      is: {
        etag: { element: "ETag", is: "etag", required: true },
        ...checksumShape,
        partNumber: { is: "integer", required: true },
      },
    },
  },
} as const satisfies XmlDocument;

const completedDocument = {
  root: "CompleteMultipartUploadResult",
  fields: {
    location: "text",
    etag: { element: "ETag", is: "etag", required: true },
    ...checksumShape,
    checksumType: "text",
  },
} as const satisfies XmlDocument;

const complete: Operation<CompleteMultipartUploadInput, CompleteMultipartUploadOutput> = {
  row: rows.completeMultipartUpload,
  request(input) {
    const headers = requestHeaders(input);
    writeHeaders(writeConditionFields, input, headers);
    writeCustomerKey(input.sseCustomerKey, headers);
    const parts = input.parts.map(({ partNumber, etag, checksum }) => ({
      partNumber,
      etag,
      ...(checksum !== undefined && { [checksum.algorithm]: checksum.value }),
    }));
    writeChecksum(input.checksum, headers);
    headers["x-amz-checksum-type"] = input.checksumType;
    headers["x-amz-mp-object-size"] = input.objectSize?.toString();
    headers["content-type"] = "application/xml";
    // Here the headers that prove a body speak of the object; the document names its parts by their own etags.
    const body = toReplayableBody(Buffer.from(writeDocument(completionDocument, { parts })));
    return {
      query: uploadQuery(input),
      headers,
      body,
      answer: completedDocument.root,
      settle: madeOfParts(
        input,
        input.parts.map(({ etag }) => etag),
      ),
    };
  },
  read(answer) {
    const { etag, location, checksumType, ...checksums } = readDocument(
      completedDocument,
      answer.document,
    );
    if (etag === "") throw malformed("The answer has no ETag.");
    return readHeaders(writtenFields, answer.headers, {
      ...receiptOf(answer),
      etag,
      ...(location !== undefined && { location }),
      checksum: checksumIn(checksums, checksumType),
    });
  },
};

/** Makes an object of an upload's parts. */
export function completeMultipartUpload(
  connection: Connection,
  input: CompleteMultipartUploadInput,
): Promise<CompleteMultipartUploadOutput> {
  return perform(connection, complete, input);
}
