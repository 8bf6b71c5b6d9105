import type { Connection } from "../request/call.ts";
import { requestHeaders } from "./inputs.ts";
import {
  entryShape,
  keysQuery,
  pageShape,
  readPage,
  type KeysInput,
  type ObjectEntry,
} from "./list-objects.ts";
import { listing, type Listing } from "./listing.ts";
import { perform, type Operation, type Receipt } from "./perform.ts";
import { malformed } from "./values.ts";
import type { ReadShape, XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** Which keys to list in the first version of the listing. */
export interface ListObjectsV1Input extends KeysInput {
  /** Keys after this one; the `nextMarker` of a page, to go on after it. */
  readonly marker?: string | undefined;
}

const document = {
  root: "ListBucketResult",
  fields: {
    ...pageShape,
    marker: "echo",
    nextMarker: "key",
    contents: { is: entryShape, list: true },
  },
} as const satisfies XmlDocument;

/** A page of objects. */
export interface ObjectsV1Page
  extends Receipt, Omit<ReadShape<typeof document.fields>, "commonPrefixes"> {
  readonly commonPrefixes: readonly string[];
}

const operation: Operation<ListObjectsV1Input, ObjectsV1Page> = {
  row: rows.listObjects,
  request: (input) => ({
    query: [...keysQuery(input), ["marker", input.marker]],
    headers: requestHeaders(input),
    answer: document.root,
  }),
  read(answer) {
    const page = readPage(document, answer);
    if (!page.isTruncated || page.nextMarker) return page;
    // Without a delimiter S3 leaves it to the last key to say how to go on.
    const last = page.delimiter ? undefined : page.contents.at(-1)?.key;
    if (last !== undefined) return { ...page, nextMarker: last };
    throw malformed("The page is not the last and does not say how to go on.");
  },
};

/** The objects of a bucket, for services that lack the listing's second version. */
export function listObjectsV1(
  connection: Connection,
  input: ListObjectsV1Input,
): Listing<ObjectEntry, ObjectsV1Page> {
  return listing({
    row: operation.row,
    input,
    fetch: (from) => perform(connection, operation, from),
    entries: ({ contents }) => contents,
    next: ({ isTruncated, nextMarker }) => (isTruncated ? { marker: nextMarker } : undefined),
  });
}
