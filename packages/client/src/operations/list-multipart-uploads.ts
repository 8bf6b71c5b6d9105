import type { Connection } from "../request/call.ts";
import { requestHeaders, type BucketInput } from "./inputs.ts";
import { ownerShape, prefixesShape, readPage } from "./list-objects.ts";
import { listing, type Listing } from "./listing.ts";
import { perform, type Operation, type Receipt } from "./perform.ts";
import { malformed } from "./values.ts";
import type { ReadShape, XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** Which uploads to list, and from where. */
export interface ListMultipartUploadsInput extends BucketInput {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  /** Of one page; 1,000 is the service's most. */
  readonly maxUploads?: number | undefined;
  /** The `nextKeyMarker` of a page, to go on after it. */
  readonly keyMarker?: string | undefined;
  /** The `nextUploadIdMarker` of the same page. */
  readonly uploadIdMarker?: string | undefined;
}

const document = {
  root: "ListMultipartUploadsResult",
  fields: {
    keyMarker: "echo",
    uploadIdMarker: "text",
    nextKeyMarker: "key",
    nextUploadIdMarker: "text",
    prefix: "echo",
    delimiter: "echo",
    maxUploads: "integer",
    isTruncated: { is: "boolean", required: true },
    uploads: {
      element: "Upload",
      list: true,
      is: {
        key: { is: "key", required: true },
        uploadId: { is: "text", required: true },
        initiated: "date",
        storageClass: "text",
        owner: { is: ownerShape },
        initiator: { is: ownerShape },
        checksumAlgorithm: "text",
        checksumType: "text",
      },
    },
    commonPrefixes: prefixesShape,
  },
} as const satisfies XmlDocument;

/** A page of uploads. */
export interface UploadsPage
  extends Receipt, Omit<ReadShape<typeof document.fields>, "commonPrefixes"> {
  readonly commonPrefixes: readonly string[];
}
/** An upload under way as a listing has it. */
export type UploadEntry = UploadsPage["uploads"][number];

const operation: Operation<ListMultipartUploadsInput, UploadsPage> = {
  row: rows.listMultipartUploads,
  request: (input) => ({
    query: [
      ["prefix", input.prefix],
      ["delimiter", input.delimiter],
      ["max-uploads", input.maxUploads?.toString()],
      ["key-marker", input.keyMarker],
      ["upload-id-marker", input.uploadIdMarker],
      ["encoding-type", "url"],
    ],
    headers: requestHeaders(input),
    answer: document.root,
  }),
  read(answer) {
    const page = readPage(document, answer);
    if (page.isTruncated && page.nextKeyMarker === undefined) {
      throw malformed("The page is not the last and does not say how to go on.");
    }
    return page;
  },
};

/** The uploads under way in a bucket. */
export function listMultipartUploads(
  connection: Connection,
  input: ListMultipartUploadsInput,
): Listing<UploadEntry, UploadsPage> {
  return listing({
    row: operation.row,
    input,
    fetch: (from) => perform(connection, operation, from),
    entries: ({ uploads }) => uploads,
    next: ({ isTruncated, nextKeyMarker, nextUploadIdMarker }) =>
      isTruncated ? { keyMarker: nextKeyMarker, uploadIdMarker: nextUploadIdMarker } : undefined,
  });
}
