import type { Answer, Connection } from "../request/call.ts";
import { requestHeaders, versionQuery, type BucketInput, type ObjectInput } from "./inputs.ts";
import { perform, receiptOf, type Operation, type Receipt, type RequestParts } from "./perform.ts";
import { deleteSetting } from "./setting.ts";
import { taggingDocument } from "./tagging-shape.ts";
import { documentBody, type IntegrityInput } from "./xml-body.ts";
import { readDocument, writeDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** Tags to be set, instead of all that were. */
export interface TaggingInput extends IntegrityInput {
  readonly tagging: Readonly<Record<string, string>>;
}

/** Tags as they are. */
export interface TaggingOutput extends Receipt {
  readonly tagging: Readonly<Record<string, string>>;
  /** Of the object. */
  readonly versionId?: string;
}

function readTagging(answer: Answer): TaggingOutput {
  const { tagSet } = readDocument(taggingDocument, answer.document);
  const versionId = answer.headers["x-amz-version-id"];
  return {
    ...receiptOf(answer),
    tagging: Object.fromEntries(tagSet.map(({ key, value }) => [key, value])),
    ...(versionId !== undefined && { versionId }),
  };
}

function taggingRequest(input: BucketInput & TaggingInput): RequestParts {
  const headers = requestHeaders(input);
  const tagSet = Object.entries(input.tagging).map(([key, value]) => ({ key, value }));
  return {
    headers,
    body: documentBody(writeDocument(taggingDocument, { tagSet }), input, headers),
  };
}

const getOfObject: Operation<ObjectInput, TaggingOutput> = {
  row: rows.getObjectTagging,
  request: (input) => ({
    query: versionQuery(input),
    headers: requestHeaders(input),
    answer: taggingDocument.root,
  }),
  read: readTagging,
};

/** The tags of an object. */
export function getObjectTagging(
  connection: Connection,
  input: ObjectInput,
): Promise<TaggingOutput> {
  return perform(connection, getOfObject, input);
}

const putOfObject: Operation<ObjectInput & TaggingInput, Receipt> = {
  row: rows.putObjectTagging,
  request: (input) => ({ query: versionQuery(input), ...taggingRequest(input) }),
  read: receiptOf,
};

/** What `putObjectTagging` takes. */
export type PutObjectTaggingInput = ObjectInput & TaggingInput;

/** Replaces the tags of an object. */
export function putObjectTagging(
  connection: Connection,
  input: PutObjectTaggingInput,
): Promise<Receipt> {
  return perform(connection, putOfObject, input);
}

/** Removes the tags of an object. */
export function deleteObjectTagging(connection: Connection, input: ObjectInput): Promise<Receipt> {
  return deleteSetting(connection, rows.deleteObjectTagging, input);
}

const getOfBucket: Operation<BucketInput, TaggingOutput> = {
  row: rows.getBucketTagging,
  request: (input) => ({ headers: requestHeaders(input), answer: taggingDocument.root }),
  read: readTagging,
};

/** The tags of a bucket. A bucket without any is `NoSuchTagSet`. */
export function getBucketTagging(
  connection: Connection,
  input: BucketInput,
): Promise<TaggingOutput> {
  return perform(connection, getOfBucket, input);
}

const putOfBucket: Operation<BucketInput & TaggingInput, Receipt> = {
  row: rows.putBucketTagging,
  request: taggingRequest,
  read: receiptOf,
};

/** What `putBucketTagging` takes. */
export type PutBucketTaggingInput = BucketInput & TaggingInput;

/** Replaces the tags of a bucket. */
export function putBucketTagging(
  connection: Connection,
  input: PutBucketTaggingInput,
): Promise<Receipt> {
  return perform(connection, putOfBucket, input);
}

/** Removes the tags of a bucket. */
export function deleteBucketTagging(connection: Connection, input: BucketInput): Promise<Receipt> {
  return deleteSetting(connection, rows.deleteBucketTagging, input);
}
