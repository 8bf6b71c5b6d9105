import type { Connection } from "../request/call.ts";
import {
  readHeaders,
  writeHeaders,
  type HeaderInput,
  type HeaderOutput,
  type HeaderTable,
} from "./header-table.ts";
import { requestHeaders, versionQuery, type ObjectInput } from "./inputs.ts";
import { perform, receiptOf, type Operation, type Receipt } from "./perform.ts";
import * as rows from "./rows.ts";

const requestFields = {
  /** Only the object that has this etag. */
  ifMatch: ["if-match", "etag"],
  bypassGovernanceRetention: ["x-amz-bypass-governance-retention", "boolean"],
  /** Serial number and code of the bucket owner's device, where deleting needs it. */
  mfa: ["x-amz-mfa", "text"],
} as const satisfies HeaderTable;

const answerFields = {
  /** Whether a delete marker was made, or was what was deleted. */
  deleteMarker: ["x-amz-delete-marker", "boolean"],
  /** Of the version deleted, or of the marker made. */
  versionId: ["x-amz-version-id", "text"],
  requestCharged: ["x-amz-request-charged", "text"],
} as const satisfies HeaderTable;

/** An object or version to delete. */
export interface DeleteObjectInput extends ObjectInput, HeaderInput<typeof requestFields> {}

/** What deleting did. That there was nothing to delete is no failure. */
export interface DeleteObjectOutput extends Receipt, HeaderOutput<typeof answerFields> {}

const operation: Operation<DeleteObjectInput, DeleteObjectOutput> = {
  row: rows.deleteObject,
  request(input) {
    const headers = requestHeaders(input);
    writeHeaders(requestFields, input, headers);
    return { query: versionQuery(input), headers, idempotent: input.ifMatch === undefined };
  },
  read: (answer) => readHeaders(answerFields, answer.headers, { ...receiptOf(answer) }),
};

/** Deletes an object, one of its versions, or in a versioned bucket covers it with a delete marker. */
export function deleteObject(
  connection: Connection,
  input: DeleteObjectInput,
): Promise<DeleteObjectOutput> {
  return perform(connection, operation, input);
}
