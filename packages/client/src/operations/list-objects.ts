import type { Answer, Connection } from "../request/call.ts";
import { listing, type Listing } from "./listing.ts";
import { requestHeaders, type BucketInput } from "./inputs.ts";
import { perform, receiptOf, type Operation, type Query, type Receipt } from "./perform.ts";
import { malformed } from "./values.ts";
import { readDocument, type ReadShape, type Shape, type XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** Who owns an object. */
export const ownerShape = {
  id: { element: "ID", is: "text" },
  displayName: "text",
} as const satisfies Shape;

export const entryShape = {
  key: { is: "key", required: true },
  lastModified: "date",
  etag: { element: "ETag", is: "etag" },
  checksumAlgorithm: { is: "text", list: true },
  checksumType: "text",
  size: { is: "integer", required: true },
  storageClass: "text",
  owner: { is: ownerShape },
  restoreStatus: { is: { isRestoreInProgress: "boolean", restoreExpiryDate: "date" } },
} as const satisfies Shape;

/** An object as a listing has it. */
export type ObjectEntry = ReadShape<typeof entryShape>;

export const prefixesShape = {
  element: "CommonPrefixes",
  list: true,
  is: { prefix: { is: "key", required: true } },
} as const;

/** What all listings of keys have. */
export const pageShape = {
  prefix: "echo",
  delimiter: "echo",
  maxKeys: "integer",
  isTruncated: { is: "boolean", required: true },
  commonPrefixes: prefixesShape,
} as const satisfies Shape;

/** Which keys to list, and how. */
export interface KeysInput extends BucketInput {
  readonly prefix?: string | undefined;
  /** Keys that share what precedes it, after the prefix, are given as one of `commonPrefixes` instead. */
  readonly delimiter?: string | undefined;
  /** Of one page; 1,000 is the service's most. */
  readonly maxKeys?: number | undefined;
}

/** Which keys to list, and from where. */
export interface ListObjectsInput extends KeysInput {
  /** Keys after this one. */
  readonly startAfter?: string | undefined;
  /** The `nextContinuationToken` of a page, to go on after it. */
  readonly continuationToken?: string | undefined;
  readonly fetchOwner?: boolean | undefined;
  /** `RestoreStatus`, to have it with each entry. */
  readonly optionalObjectAttributes?: string | undefined;
}

const document = {
  root: "ListBucketResult",
  fields: {
    ...pageShape,
    keyCount: "integer",
    startAfter: "echo",
    continuationToken: "text",
    nextContinuationToken: "text",
    contents: { is: entryShape, list: true },
  },
} as const satisfies XmlDocument;

/** A page of objects. */
export interface ObjectsPage
  extends Receipt, Omit<ReadShape<typeof document.fields>, "commonPrefixes"> {
  readonly commonPrefixes: readonly string[];
}

const operation: Operation<ListObjectsInput, ObjectsPage> = {
  row: rows.listObjectsV2,
  request(input) {
    const headers = requestHeaders(input);
    headers["x-amz-optional-object-attributes"] = input.optionalObjectAttributes;
    return { query: pageQuery(input), headers, answer: document.root };
  },
  read(answer) {
    const page = readPage(document, answer);
    if (page.isTruncated && !page.nextContinuationToken) {
      throw malformed("The page is not the last and does not say how to go on.");
    }
    return page;
  },
};

function pageQuery(input: ListObjectsInput): Query {
  return [
    ...keysQuery(input),
    ["start-after", input.startAfter],
    ["continuation-token", input.continuationToken],
    ["fetch-owner", input.fetchOwner === true ? "true" : undefined],
  ];
}

/** The query that all listings of keys have. Keys are always asked for encoded: XML has no way to carry some. */
export function keysQuery({ prefix, delimiter, maxKeys }: KeysInput): Query {
  return [
    ["prefix", prefix],
    ["delimiter", delimiter],
    ["max-keys", maxKeys?.toString()],
    ["encoding-type", "url"],
  ];
}

interface PageDocument {
  readonly fields: { readonly commonPrefixes: typeof prefixesShape } & Shape;
}

/** Reads a page of keys. */
export function readPage<Document extends PageDocument>(
  { fields }: Document,
  answer: Answer,
): Omit<ReadShape<Document["fields"]>, "commonPrefixes"> &
  Receipt & { commonPrefixes: readonly string[] };
export function readPage({ fields }: PageDocument, answer: Answer): object {
  const page = readDocument<PageDocument["fields"]>({ fields }, answer.document);
  const commonPrefixes = page.commonPrefixes.map(({ prefix }) => prefix);
  return { ...receiptOf(answer), ...page, commonPrefixes };
}

/** The objects of a bucket in the order of their keys' bytes. */
export function listObjects(
  connection: Connection,
  input: ListObjectsInput,
): Listing<ObjectEntry, ObjectsPage> {
  return listing({
    row: operation.row,
    input,
    fetch: (from) => perform(connection, operation, from),
    entries: ({ contents }) => contents,
    next: ({ isTruncated, nextContinuationToken }) =>
      isTruncated ? { continuationToken: nextContinuationToken } : undefined,
  });
}
