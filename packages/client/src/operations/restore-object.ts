import { S3Error } from "../errors/s3-error.ts";
import type { Connection } from "../request/call.ts";
import { readHeaders, type HeaderTable } from "./header-table.ts";
import { requestHeaders, versionQuery, type ObjectInput } from "./inputs.ts";
import { perform, receiptOf, type Operation, type Receipt } from "./perform.ts";
import { documentBody, type IntegrityInput } from "./xml-body.ts";
import { writeDocument, type WriteShape, type XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

const document = {
  root: "RestoreRequest",
  fields: {
    days: "integer",
    glacierJobParameters: { is: { tier: { is: "text", required: true } } },
    tier: "text",
    description: "text",
  },
} as const satisfies XmlDocument;

const answerFields = {
  restoreOutputPath: ["x-amz-restore-output-path", "text"],
  requestCharged: ["x-amz-request-charged", "text"],
} as const satisfies HeaderTable;

/** An archived object to be brought back. */
export type RestoreObjectInput = ObjectInput & WriteShape<typeof document.fields> & IntegrityInput;

/** Where the restoring stands. */
export interface RestoreObjectOutput extends Receipt {
  /** Whether it begins now, was under way already, or is done and lasts longer now. */
  readonly state: "started" | "in-progress" | "restored";
  readonly restoreOutputPath?: string;
  readonly requestCharged?: string;
}

const operation: Operation<RestoreObjectInput, RestoreObjectOutput> = {
  row: rows.restoreObject,
  request(input) {
    const headers = requestHeaders(input);
    const body = documentBody(writeDocument(document, input), input, headers);
    return { query: versionQuery(input), headers, body };
  },
  read: (answer) =>
    readHeaders(answerFields, answer.headers, {
      ...receiptOf(answer),
      state: answer.status === 202 ? ("started" as const) : ("restored" as const),
    }),
};

/** Brings an archived object back for some days. That it is under way already is no failure. */
export async function restoreObject(
  connection: Connection,
  input: RestoreObjectInput,
): Promise<RestoreObjectOutput> {
  try {
    return await perform(connection, operation, input);
  } catch (error) {
    if (!S3Error.is(error) || error.errorCode !== "RestoreAlreadyInProgress") throw error;
    const { statusCode: httpStatus = 409, requestId } = error;
    return { httpStatus, requestId, state: "in-progress" };
  }
}
