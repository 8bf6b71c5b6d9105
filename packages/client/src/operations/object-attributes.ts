import type { Checksum } from "@holdfast/protocol";
import type { Connection } from "../request/call.ts";
import { checksumIn, checksumShape } from "./checksum-shape.ts";
import { readHeaders, type HeaderOutput, type HeaderTable } from "./header-table.ts";
import { requestHeaders, versionQuery, type ObjectInput } from "./inputs.ts";
import { writeCustomerKey } from "./object-parts.ts";
import { perform, receiptOf, type Operation, type Receipt } from "./perform.ts";
import { readDocument, type ReadShape, type XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** What can be asked of an object. */
export type ObjectAttribute = "ETag" | "Checksum" | "ObjectParts" | "StorageClass" | "ObjectSize";

/** What to tell of which object. */
export interface GetObjectAttributesInput extends ObjectInput {
  readonly objectAttributes: readonly ObjectAttribute[];
  readonly maxParts?: number | undefined;
  readonly partNumberMarker?: number | undefined;
  readonly sseCustomerKey?: Uint8Array | undefined;
}

const partShape = {
  partNumber: { is: "integer", required: true },
  size: { is: "integer", required: true },
  ...checksumShape,
} as const;

const document = {
  root: "GetObjectAttributesResponse",
  fields: {
    etag: { element: "ETag", is: "etag" },
    checksum: { is: { ...checksumShape, checksumType: "text" } },
    objectParts: {
      is: {
        /** Its element is not named as in the SDKs. */
        totalPartsCount: { element: "PartsCount", is: "integer" },
        partNumberMarker: "integer",
        nextPartNumberMarker: "integer",
        maxParts: "integer",
        isTruncated: "boolean",
        parts: { element: "Part", is: partShape, list: true },
      },
    },
    storageClass: "text",
    objectSize: "integer",
  },
} as const satisfies XmlDocument;

const answerFields = {
  deleteMarker: ["x-amz-delete-marker", "boolean"],
  lastModified: ["last-modified", "http-date"],
  versionId: ["x-amz-version-id", "text"],
  requestCharged: ["x-amz-request-charged", "text"],
} as const satisfies HeaderTable;

type Document = ReadShape<typeof document.fields>;
type Parts = NonNullable<Document["objectParts"]>;

/** A part of an object, as far as the service remembers it. */
export interface ObjectPart {
  readonly partNumber: number;
  /** In bytes. */
  readonly size: number;
  readonly checksum: Checksum | undefined;
}

/** What was asked of an object, as far as it has it. */
export interface ObjectAttributes
  extends Receipt, HeaderOutput<typeof answerFields>, Omit<Document, "checksum" | "objectParts"> {
  readonly checksum: Checksum | undefined;
  readonly objectParts:
    | (Omit<Parts, "parts"> & { readonly parts: readonly ObjectPart[] })
    | undefined;
}

const operation: Operation<GetObjectAttributesInput, ObjectAttributes> = {
  row: rows.getObjectAttributes,
  request(input) {
    const headers = requestHeaders(input);
    headers["x-amz-object-attributes"] = input.objectAttributes.join(",");
    headers["x-amz-max-parts"] = input.maxParts?.toString();
    headers["x-amz-part-number-marker"] = input.partNumberMarker?.toString();
    writeCustomerKey(input.sseCustomerKey, headers);
    return { query: versionQuery(input), headers, answer: document.root };
  },
  read(answer) {
    const { checksum, objectParts, ...attributes } = readDocument(document, answer.document);
    return readHeaders(answerFields, answer.headers, {
      ...receiptOf(answer),
      ...attributes,
      checksum: checksum && checksumIn(checksum, checksum.checksumType),
      objectParts: objectParts && {
        ...objectParts,
        parts: objectParts.parts.map((part) => ({
          partNumber: part.partNumber,
          size: part.size,
          checksum: checksumIn(part),
        })),
      },
    });
  },
};

/** Tells of an object what is asked, its parts among it. */
export function getObjectAttributes(
  connection: Connection,
  input: GetObjectAttributesInput,
): Promise<ObjectAttributes> {
  return perform(connection, operation, input);
}
