import { S3Error } from "../errors/s3-error.ts";
import type { Connection } from "../request/call.ts";
import { listObjects } from "./list-objects.ts";
import type { ObjectInput } from "./inputs.ts";
import { perform, type Operation } from "./perform.ts";
import {
  readObjectDescription,
  readObjectRequest,
  type NotModified,
  type ObjectDescription,
  type ReadObjectInput,
  type UnconditionalReadInput,
} from "./read-object.ts";
import * as rows from "./rows.ts";

const operation: Operation<ReadObjectInput, ObjectDescription | NotModified> = {
  row: rows.headObject,
  request: (input) => readObjectRequest(input),
  read: readObjectDescription,
};

/** What is known of an object. With `ifNoneMatch` or `ifModifiedSince` the answer may be that nothing changed. */
export function headObject(
  connection: Connection,
  input: UnconditionalReadInput,
): Promise<ObjectDescription>;
export function headObject(
  connection: Connection,
  input: ReadObjectInput,
): Promise<ObjectDescription | NotModified>;
export function headObject(
  connection: Connection,
  input: ReadObjectInput,
): Promise<ObjectDescription | NotModified> {
  return perform(connection, operation, input);
}

/** An object to look for. */
export interface ExistsInput extends ObjectInput {
  readonly sseCustomerKey?: Uint8Array | undefined;
}

/**
 * Whether an object is there. False only when its bucket is there and it is not: a bucket that is missing, a
 * refusal, a failing service or an answer that is not S3's throws. One request for true, two for false.
 */
export async function exists(connection: Connection, input: ExistsInput): Promise<boolean> {
  try {
    await headObject(connection, { ...input, ifNoneMatch: undefined, ifModifiedSince: undefined });
    return true;
  } catch (error) {
    if (!S3Error.is(error) || error.statusCode !== 404) throw error;
    if (error.errorCode === "NoSuchKey" && !error.codeInferred) return false;
  }
  // A HEAD has no body to tell a missing key from a missing bucket or a stranger's page. A listing has, and its root is checked.
  const { bucket, key, signal, expectedBucketOwner } = input;
  await listObjects(connection, {
    bucket,
    prefix: key,
    maxKeys: 1,
    expectedBucketOwner,
    signal,
  }).page();
  return false;
}
