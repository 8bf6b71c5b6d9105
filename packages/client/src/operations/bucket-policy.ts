import type { Connection } from "../request/call.ts";
import type { AnswerBody } from "../bodies/answer-body.ts";
import { requestHeaders, type BucketInput } from "./inputs.ts";
import { perform, publicError, receiptOf, type Operation, type Receipt } from "./perform.ts";
import { deleteSetting } from "./setting.ts";
import { malformed } from "./values.ts";
import { documentBody, type IntegrityInput } from "./xml-body.ts";
import * as rows from "./rows.ts";

/** No service takes one of more than 20 KB. */
const policyBytesMax = 2 ** 20;

/** A bucket's policy. */
export interface BucketPolicyOutput extends Receipt {
  /** JSON, as it was stored. */
  readonly policy: string;
}

const get: Operation<BucketInput, Receipt & { readonly body: AnswerBody }> = {
  row: rows.getBucketPolicy,
  request: (input) => ({ headers: requestHeaders(input), answer: "stream" }),
  read(answer) {
    if (answer.body === undefined) throw malformed("The answer has no body.");
    return { ...receiptOf(answer), body: answer.body };
  },
};

/** The bucket's policy. A bucket without one is `NoSuchBucketPolicy`. */
export async function getBucketPolicy(
  connection: Connection,
  input: BucketInput,
): Promise<BucketPolicyOutput> {
  const { body, ...receipt } = await perform(connection, get, input);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.byteLength;
    if (size > policyBytesMax) {
      const failure = malformed("The answer is longer than a policy can be.");
      throw publicError(failure, { row: get.row, target: input });
    }
  }
  const policy = Buffer.concat(pieces, size).toString();
  if (isJson(policy)) return { ...receipt, policy };
  throw publicError(malformed("The answer is no policy."), { row: get.row, target: input });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A policy to be set. */
export interface PutBucketPolicyInput extends BucketInput, IntegrityInput {
  /** JSON. */
  readonly policy: string;
  /** Agrees to a policy that keeps the caller from changing it again. */
  readonly confirmRemoveSelfBucketAccess?: boolean | undefined;
}

const put: Operation<PutBucketPolicyInput, Receipt> = {
  row: rows.putBucketPolicy,
  request(input) {
    const headers = requestHeaders(input);
    headers["content-type"] = "application/json";
    if (input.confirmRemoveSelfBucketAccess === true) {
      headers["x-amz-confirm-remove-self-bucket-access"] = "true";
    }
    return { headers, body: documentBody(input.policy, input, headers) };
  },
  read: receiptOf,
};

/** Replaces the bucket's policy. */
export function putBucketPolicy(
  connection: Connection,
  input: PutBucketPolicyInput,
): Promise<Receipt> {
  return perform(connection, put, input);
}

/** Removes the bucket's policy. */
export function deleteBucketPolicy(connection: Connection, input: BucketInput): Promise<Receipt> {
  return deleteSetting(connection, rows.deleteBucketPolicy, input);
}
