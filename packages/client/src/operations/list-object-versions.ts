import type { Answer, Connection } from "../request/call.ts";
import { requestHeaders } from "./inputs.ts";
import { keysQuery, ownerShape, pageShape, readPage, type KeysInput } from "./list-objects.ts";
import { listing, type Listing } from "./listing.ts";
import { perform, type Operation, type Receipt } from "./perform.ts";
import { malformed } from "./values.ts";
import {
  keyDecoder,
  readShape,
  type ReadShape,
  type Shape,
  type XmlDocument,
} from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** Which versions to list, and from where. */
export interface ListObjectVersionsInput extends KeysInput {
  /** The `nextKeyMarker` of a page, to go on after it. */
  readonly keyMarker?: string | undefined;
  /** The `nextVersionIdMarker` of the same page. */
  readonly versionIdMarker?: string | undefined;
}

const markerShape = {
  key: { is: "key", required: true },
  versionId: { is: "text", required: true },
  isLatest: "boolean",
  lastModified: "date",
  owner: { is: ownerShape },
} as const satisfies Shape;

const versionShape = {
  ...markerShape,
  etag: { element: "ETag", is: "etag" },
  checksumAlgorithm: { is: "text", list: true },
  checksumType: "text",
  size: { is: "integer", required: true },
  storageClass: "text",
} as const satisfies Shape;

/** A version of an object, or the marker that it was deleted. */
export type VersionEntry =
  | ({ readonly isDeleteMarker: false } & ReadShape<typeof versionShape>)
  | ({ readonly isDeleteMarker: true } & ReadShape<typeof markerShape>);

const document = {
  root: "ListVersionsResult",
  fields: {
    ...pageShape,
    keyMarker: "echo",
    versionIdMarker: "text",
    nextKeyMarker: "key",
    nextVersionIdMarker: "text",
  },
} as const satisfies XmlDocument;

/** A page of versions. */
export interface VersionsPage
  extends Receipt, Omit<ReadShape<typeof document.fields>, "commonPrefixes"> {
  readonly commonPrefixes: readonly string[];
  /** Versions and delete markers as S3 orders them: by key, the newest first. */
  readonly versions: readonly VersionEntry[];
}

const operation: Operation<ListObjectVersionsInput, VersionsPage> = {
  row: rows.listObjectVersions,
  request: (input) => ({
    query: [
      ...keysQuery(input),
      ["key-marker", input.keyMarker],
      ["version-id-marker", input.versionIdMarker],
    ],
    headers: requestHeaders(input),
    answer: document.root,
  }),
  read(answer) {
    const page = readPage(document, answer);
    if (page.isTruncated && page.nextKeyMarker === undefined) {
      throw malformed("The page is not the last and does not say how to go on.");
    }
    return { ...page, versions: readVersions(answer) };
  },
};

/** In the document's own order, which two lists would lose. */
function readVersions({ document: root }: Answer): VersionEntry[] {
  if (root === undefined) return [];
  const decode = keyDecoder(root);
  return root.children.flatMap((child): VersionEntry[] => {
    if (child.name === "Version") {
      return [{ isDeleteMarker: false, ...readShape(versionShape, child, decode) }];
    }
    if (child.name !== "DeleteMarker") return [];
    return [{ isDeleteMarker: true, ...readShape(markerShape, child, decode) }];
  });
}

/** All versions of a bucket's objects. */
export function listObjectVersions(
  connection: Connection,
  input: ListObjectVersionsInput,
): Listing<VersionEntry, VersionsPage> {
  return listing({
    row: operation.row,
    input,
    fetch: (from) => perform(connection, operation, from),
    entries: ({ versions }) => versions,
    next: ({ isTruncated, nextKeyMarker, nextVersionIdMarker }) =>
      isTruncated ? { keyMarker: nextKeyMarker, versionIdMarker: nextVersionIdMarker } : undefined,
  });
}
