import type { AnswerBody } from "../bodies/answer-body.ts";
import { S3Error } from "../errors/s3-error.ts";
import type { Connection } from "../request/call.ts";
import { isAskedFor } from "./asked-range.ts";
import { perform, type Operation } from "./perform.ts";
import {
  readObjectDescription,
  readObjectRequest,
  type NotModified,
  type ObjectDescription,
  type ReadObjectInput,
  type UnconditionalReadInput,
} from "./read-object.ts";
import { malformed } from "./values.ts";
import * as rows from "./rows.ts";

/** An object, its bytes on their way. */
export interface GetObjectOutput extends ObjectDescription {
  /** Has to be read to its end or disposed of. */
  readonly body: AnswerBody;
}

const operation: Operation<ReadObjectInput, GetObjectOutput | NotModified> = {
  row: rows.getObject,
  request: (input) => readObjectRequest(input, "stream"),
  read(answer, input) {
    const description = readObjectDescription(answer);
    if (description.notModified) return description;
    // HTTP lets a server ignore a range. S3 does not, and a caller would take the whole for the part.
    if (!isAskedFor(answer, input)) throw malformed("The answer is another range than asked for.");
    if (answer.body === undefined) throw malformed("The answer has no body.");
    return Object.assign(description, { body: answer.body });
  },
};

/** Reads an object, or a range of it. With `ifNoneMatch` or `ifModifiedSince` the answer may be that nothing changed. */
export function getObject(
  connection: Connection,
  input: UnconditionalReadInput,
): Promise<GetObjectOutput>;
export function getObject(
  connection: Connection,
  input: ReadObjectInput,
): Promise<GetObjectOutput | NotModified>;
export function getObject(
  connection: Connection,
  input: ReadObjectInput,
): Promise<GetObjectOutput | NotModified> {
  return perform(connection, operation, input);
}

/** An object, or undefined if the service says that its bucket has no such key. One request; every other failure throws. */
export async function getObjectIfExists(
  connection: Connection,
  input: UnconditionalReadInput,
): Promise<GetObjectOutput | undefined> {
  try {
    return await getObject(connection, input);
  } catch (error) {
    if (S3Error.is(error) && error.errorCode === "NoSuchKey" && !error.codeInferred)
      return undefined;
    throw error;
  }
}
