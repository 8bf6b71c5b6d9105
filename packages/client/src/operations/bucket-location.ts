import type { Connection } from "../request/call.ts";
import { requestHeaders, type BucketInput } from "./inputs.ts";
import { perform, receiptOf, type Operation, type Receipt } from "./perform.ts";
import * as rows from "./rows.ts";

/** Where a bucket is. */
export interface BucketLocationOutput extends Receipt {
  /** The region's name; S3's two historical answers are made the names they stand for. */
  readonly locationConstraint: string;
}

const operation: Operation<BucketInput, BucketLocationOutput> = {
  row: rows.getBucketLocation,
  request: (input) => ({ headers: requestHeaders(input), answer: "LocationConstraint" }),
  read: (answer) => ({ ...receiptOf(answer), locationConstraint: regionOf(answer.document?.text) }),
};

function regionOf(constraint: string | undefined): string {
  if (constraint === undefined || constraint === "") return "us-east-1";
  return constraint === "EU" ? "eu-west-1" : constraint;
}

/** The region that a bucket is in. */
export function getBucketLocation(
  connection: Connection,
  input: BucketInput,
): Promise<BucketLocationOutput> {
  return perform(connection, operation, input);
}
