import type { Connection } from "../request/call.ts";
import {
  readHeaders,
  writeHeaders,
  type HeaderInput,
  type HeaderOutput,
  type HeaderTable,
} from "./header-table.ts";
import { requestHeaders, type BucketInput } from "./inputs.ts";
import { ownerShape } from "./list-objects.ts";
import { listing, type Listing } from "./listing.ts";
import { aclFields } from "./object-fields.ts";
import { perform, receiptOf, type Operation, type Receipt, type Target } from "./perform.ts";
import { doneAlready } from "./settle.ts";
import { documentBody, type IntegrityInput } from "./xml-body.ts";
import { readDocument, writeDocument, type ReadShape, type XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

const newBucketFields = {
  ...aclFields,
  objectLockEnabledForBucket: ["x-amz-bucket-object-lock-enabled", "boolean"],
  objectOwnership: ["x-amz-object-ownership", "text"],
} as const satisfies HeaderTable;

const createdFields = { location: ["location", "text"] } as const satisfies HeaderTable;

/** A bucket to be made. */
export interface CreateBucketInput
  extends BucketInput, HeaderInput<typeof newBucketFields>, IntegrityInput {
  /** The region to make it in; without one it is the endpoint's own. */
  readonly locationConstraint?: string | undefined;
}

const configuration = {
  root: "CreateBucketConfiguration",
  fields: { locationConstraint: "text" },
} as const satisfies XmlDocument;

const create: Operation<CreateBucketInput, Receipt & HeaderOutput<typeof createdFields>> = {
  row: rows.createBucket,
  request(input) {
    const headers = requestHeaders(input);
    writeHeaders(newBucketFields, input, headers);
    const { locationConstraint } = input;
    const settle = doneAlready("BucketAlreadyOwnedByYou");
    if (locationConstraint === undefined) return { headers, settle };
    return {
      headers,
      settle,
      body: documentBody(writeDocument(configuration, { locationConstraint }), input, headers),
    };
  },
  read: (answer) => readHeaders(createdFields, answer.headers, { ...receiptOf(answer) }),
};

/** What `createBucket` resolves with. */
export type CreateBucketOutput = Receipt & HeaderOutput<typeof createdFields>;

/** Makes a bucket. */
export function createBucket(
  connection: Connection,
  input: CreateBucketInput,
): Promise<CreateBucketOutput> {
  return perform(connection, create, input);
}

const remove: Operation<BucketInput, Receipt> = {
  row: rows.deleteBucket,
  request: (input) => ({ headers: requestHeaders(input), settle: doneAlready("NoSuchBucket") }),
  read: receiptOf,
};

/** Deletes a bucket, which must be empty. */
export function deleteBucket(connection: Connection, input: BucketInput): Promise<Receipt> {
  return perform(connection, remove, input);
}

const headFields = {
  bucketRegion: ["x-amz-bucket-region", "text"],
  bucketArn: ["x-amz-bucket-arn", "text"],
  bucketLocationType: ["x-amz-bucket-location-type", "text"],
  bucketLocationName: ["x-amz-bucket-location-name", "text"],
  accessPointAlias: ["x-amz-access-point-alias", "boolean"],
} as const satisfies HeaderTable;

/** What is known of a bucket. */
export interface HeadBucketOutput extends Receipt, HeaderOutput<typeof headFields> {}

const head: Operation<BucketInput, HeadBucketOutput> = {
  row: rows.headBucket,
  request: (input) => ({ headers: requestHeaders(input) }),
  read: (answer) => readHeaders(headFields, answer.headers, { ...receiptOf(answer) }),
};

/** Resolves if the bucket is there and the caller may list it. */
export function headBucket(connection: Connection, input: BucketInput): Promise<HeadBucketOutput> {
  return perform(connection, head, input);
}

/** Which buckets to list. */
export interface ListBucketsInput extends Target {
  readonly prefix?: string | undefined;
  readonly bucketRegion?: string | undefined;
  /** Of one page; without it a service may give all of them in one. */
  readonly maxBuckets?: number | undefined;
  /** The `continuationToken` of a page, to go on after it. */
  readonly continuationToken?: string | undefined;
}

const listDocument = {
  root: "ListAllMyBucketsResult",
  fields: {
    owner: { is: ownerShape },
    buckets: {
      element: "Bucket",
      within: "Buckets",
      list: true,
      is: {
        name: { is: "text", required: true },
        creationDate: "date",
        bucketRegion: "text",
        bucketArn: "text",
      },
    },
    continuationToken: "text",
    prefix: "text",
  },
} as const satisfies XmlDocument;

/** A page of buckets. */
export type BucketsPage = Receipt & ReadShape<typeof listDocument.fields>;
/** A bucket as a listing has it. */
export type BucketEntry = BucketsPage["buckets"][number];

const list: Operation<ListBucketsInput, BucketsPage> = {
  row: rows.listBuckets,
  request: (input) => ({
    query: [
      ["prefix", input.prefix],
      ["bucket-region", input.bucketRegion],
      ["max-buckets", input.maxBuckets?.toString()],
      ["continuation-token", input.continuationToken],
    ],
    answer: listDocument.root,
  }),
  read: (answer) => ({ ...receiptOf(answer), ...readDocument(listDocument, answer.document) }),
};

/** The caller's buckets in the order of their names. */
export function listBuckets(
  connection: Connection,
  input: ListBucketsInput = {},
): Listing<BucketEntry, BucketsPage> {
  return listing({
    row: list.row,
    input,
    fetch: (from) => perform(connection, list, from),
    entries: ({ buckets }) => buckets,
    next: ({ continuationToken }) => (continuationToken ? { continuationToken } : undefined),
  });
}
