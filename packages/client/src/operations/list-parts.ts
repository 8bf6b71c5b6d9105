import type { Checksum } from "@holdfast/protocol";
import type { Connection } from "../request/call.ts";
import { checksumIn, checksumShape } from "./checksum-shape.ts";
import { readHeaders, type HeaderOutput, type HeaderTable } from "./header-table.ts";
import { requestHeaders } from "./inputs.ts";
import { ownerShape } from "./list-objects.ts";
import { listing, type Listing } from "./listing.ts";
import { uploadQuery, type UploadInput } from "./multipart-upload.ts";
import { writeCustomerKey } from "./object-parts.ts";
import { perform, receiptOf, type Operation, type Receipt } from "./perform.ts";
import { malformed } from "./values.ts";
import { readDocument, type ReadShape, type XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** Which parts of an upload to list. */
export interface ListPartsInput extends UploadInput {
  /** Parts after this one; the `nextPartNumberMarker` of a page, to go on after it. */
  readonly partNumberMarker?: number | undefined;
  /** Of one page; 1,000 is the service's most. */
  readonly maxParts?: number | undefined;
  readonly sseCustomerKey?: Uint8Array | undefined;
}

const document = {
  root: "ListPartsResult",
  fields: {
    partNumberMarker: "integer",
    nextPartNumberMarker: "integer",
    maxParts: "integer",
    isTruncated: { is: "boolean", required: true },
    parts: {
      element: "Part",
      list: true,
      is: {
        partNumber: { is: "integer", required: true },
        lastModified: "date",
        etag: { element: "ETag", is: "etag", required: true },
        size: { is: "integer", required: true },
        ...checksumShape,
      },
    },
    owner: { is: ownerShape },
    initiator: { is: ownerShape },
    storageClass: "text",
    checksumAlgorithm: "text",
    checksumType: "text",
  },
} as const satisfies XmlDocument;

const answerFields = {
  abortDate: ["x-amz-abort-date", "http-date"],
  abortRuleId: ["x-amz-abort-rule-id", "text"],
} as const satisfies HeaderTable;

/** A part that was stored. */
export interface PartEntry {
  readonly partNumber: number;
  /** Without quotes. */
  readonly etag: string;
  /** In bytes. */
  readonly size: number;
  readonly lastModified?: Date;
  readonly checksum?: Checksum | undefined;
}

/** A page of parts. */
export interface PartsPage
  extends
    Receipt,
    HeaderOutput<typeof answerFields>,
    Omit<ReadShape<typeof document.fields>, "parts"> {
  readonly parts: readonly PartEntry[];
}

const operation: Operation<ListPartsInput, PartsPage> = {
  row: rows.listParts,
  request(input) {
    const headers = requestHeaders(input);
    writeCustomerKey(input.sseCustomerKey, headers);
    const query = [
      ...uploadQuery(input),
      ["part-number-marker", input.partNumberMarker?.toString()] as const,
      ["max-parts", input.maxParts?.toString()] as const,
    ];
    return { query, headers, answer: document.root };
  },
  read(answer) {
    const page = readDocument(document, answer.document);
    if (page.isTruncated && page.nextPartNumberMarker === undefined) {
      throw malformed("The page is not the last and does not say how to go on.");
    }
    const parts = page.parts.map((part): PartEntry => {
      const { partNumber, etag, size, lastModified } = part;
      const checksum = checksumIn(part);
      return {
        partNumber,
        etag,
        size,
        ...(lastModified !== undefined && { lastModified }),
        ...(checksum !== undefined && { checksum }),
      };
    });
    return readHeaders(answerFields, answer.headers, { ...receiptOf(answer), ...page, parts });
  },
};

/** The parts of an upload in the order of their numbers. */
export function listParts(
  connection: Connection,
  input: ListPartsInput,
): Listing<PartEntry, PartsPage> {
  return listing({
    row: operation.row,
    input,
    fetch: (from) => perform(connection, operation, from),
    entries: ({ parts }) => parts,
    next: ({ isTruncated, nextPartNumberMarker }) =>
      isTruncated ? { partNumberMarker: nextPartNumberMarker } : undefined,
  });
}
