import type { ChecksumAlgorithm } from "@holdfast/protocol";
import type { Connection } from "../request/call.ts";
import { checksumIn } from "./checksum-shape.ts";
import { readHeaders, writeHeaders, type HeaderInput } from "./header-table.ts";
import { writeConditionFields } from "./object-fields.ts";
import { perform, receiptOf, type Operation } from "./perform.ts";
import { newObjectHeaders, type NewObjectInput } from "./put-object.ts";
import {
  copiedFields,
  copiedShape,
  writeCopySource,
  type CopyFromInput,
  type CopyOutput,
} from "./upload-part.ts";
import { readDocument, type XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** An object to be made of another. */
export interface CopyObjectInput
  extends NewObjectInput, CopyFromInput, HeaderInput<typeof writeConditionFields> {
  /** `REPLACE` takes metadata and content headers from here instead of from the source. */
  readonly metadataDirective?: "COPY" | "REPLACE" | undefined;
  readonly taggingDirective?: "COPY" | "REPLACE" | undefined;
  readonly checksumAlgorithm?: ChecksumAlgorithm | undefined;
}

const document = { root: "CopyObjectResult", fields: copiedShape } as const satisfies XmlDocument;

const operation: Operation<CopyObjectInput, CopyOutput> = {
  row: rows.copyObject,
  request(input) {
    const headers = newObjectHeaders(input);
    writeHeaders(writeConditionFields, input, headers);
    writeCopySource(input, headers);
    headers["x-amz-metadata-directive"] = input.metadataDirective;
    headers["x-amz-tagging-directive"] = input.taggingDirective;
    headers["x-amz-checksum-algorithm"] = input.checksumAlgorithm;
    return {
      headers,
      answer: document.root,
      idempotent: input.ifMatch === undefined && input.ifNoneMatch === undefined,
    };
  },
  read(answer) {
    const { etag, lastModified, checksumType, ...checksums } = readDocument(
      document,
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

/** Makes an object of another within the service; of at most 5 GiB. */
export function copyObject(connection: Connection, input: CopyObjectInput): Promise<CopyOutput> {
  return perform(connection, operation, input);
}
