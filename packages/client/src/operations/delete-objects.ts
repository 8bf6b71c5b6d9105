import { statusOfCode } from "@holdfast/protocol";
import { S3Error } from "../errors/s3-error.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import type { Connection } from "../request/call.ts";
import { deleteObject } from "./delete-object.ts";
import { writeHeaders, type HeaderInput, type HeaderTable } from "./header-table.ts";
import { requestHeaders, type BucketInput } from "./inputs.ts";
import { perform, receiptOf, type Operation } from "./perform.ts";
import { documentBody, type IntegrityInput } from "./xml-body.ts";
import { readDocument, writeDocument, type ReadShape, type XmlDocument } from "./xml-shape.ts";
import * as rows from "./rows.ts";

/** The most that one request may name. */
const objectsMax = 1000;

const deleteFields = {
  bypassGovernanceRetention: ["x-amz-bypass-governance-retention", "boolean"],
  /** Serial number and code of the bucket owner's device, where deleting needs it. */
  mfa: ["x-amz-mfa", "text"],
} as const satisfies HeaderTable;

/** An object or version to delete with others. */
export interface ObjectToDelete {
  readonly key: string;
  readonly versionId?: string | undefined;
  /** Only the object that has this etag. */
  readonly etag?: string | undefined;
}

/** What to delete; a key alone is its current object. */
export interface DeleteObjectsInput
  extends BucketInput, HeaderInput<typeof deleteFields>, IntegrityInput {
  readonly objects: readonly (string | ObjectToDelete)[];
}

/** What became of one object. */
export type DeleteOutcome =
  | {
      readonly deleted: true;
      readonly key: string;
      readonly versionId?: string | undefined;
      /** Whether a delete marker was made, or was what was deleted. */
      readonly deleteMarker?: boolean | undefined;
      readonly deleteMarkerVersionId?: string | undefined;
    }
  | {
      readonly deleted: false;
      readonly key: string;
      readonly versionId?: string | undefined;
      readonly error: S3Error;
    };

/** What became of each. */
export interface DeleteObjectsOutput {
  /** In the order of the input. */
  readonly outcomes: readonly DeleteOutcome[];
  /** Those of them that failed. */
  readonly failed: readonly Extract<DeleteOutcome, { deleted: false }>[];
}

const request = {
  root: "Delete",
  fields: {
    objects: {
      element: "Object",
      list: true,
      is: {
        key: { is: "key", required: true },
        versionId: "text",
        etag: { element: "ETag", is: "etag" },
      },
    },
  },
} as const satisfies XmlDocument;

const result = {
  root: "DeleteResult",
  fields: {
    deleted: {
      list: true,
      is: {
        key: { is: "key", required: true },
        versionId: "text",
        deleteMarker: "boolean",
        deleteMarkerVersionId: "text",
      },
    },
    errors: {
      element: "Error",
      list: true,
      is: {
        key: { is: "key", required: true },
        versionId: "text",
        code: { is: "text", required: true },
        message: "text",
      },
    },
  },
} as const satisfies XmlDocument;

interface ChunkInput extends DeleteObjectsInput {
  readonly objects: readonly ObjectToDelete[];
}

type ChunkResult = ReadShape<typeof result.fields> & { readonly requestId: string | undefined };

const operation: Operation<ChunkInput, ChunkResult> = {
  row: rows.deleteObjects,
  request(input) {
    const headers = requestHeaders(input);
    writeHeaders(deleteFields, input, headers);
    const { objects } = input;
    const body = documentBody(writeDocument(request, { objects }), input, headers);
    const idempotent = objects.every(({ etag }) => etag === undefined);
    return { headers, body, answer: result.root, idempotent };
  },
  read: (answer) => ({
    ...readDocument(result, answer.document),
    requestId: receiptOf(answer).requestId,
  }),
};

/** Characters that XML 1.0 has no way to carry. */
const unspeakable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/**
 * Deletes any number of objects, a thousand with each request, and tells of each what became of it; that there was
 * none is no failure. A request that failed as a whole is the outcome of each of its objects. Rejects only when the
 * signal ends it. Keys that a document cannot carry are deleted one by one.
 */
export async function deleteObjects(
  connection: Connection,
  input: DeleteObjectsInput,
): Promise<DeleteObjectsOutput> {
  const objects = input.objects.map((one) => (typeof one === "string" ? { key: one } : one));
  const outcomes = new Map<ObjectToDelete, DeleteOutcome>();
  const speakable = objects.filter(({ key }) => !unspeakable.test(key));
  for (let start = 0; start < speakable.length; start += objectsMax) {
    const chunk = { ...input, objects: speakable.slice(start, start + objectsMax) };
    await deleteChunk(connection, chunk, outcomes);
  }
  for (const one of objects) {
    if (!outcomes.has(one)) outcomes.set(one, await deleteSingle(connection, input, one));
  }
  const ordered = objects.flatMap((one) => outcomes.get(one) ?? []);
  return { outcomes: ordered, failed: ordered.filter((outcome) => !outcome.deleted) };
}

async function deleteChunk(
  connection: Connection,
  input: ChunkInput,
  outcomes: Map<ObjectToDelete, DeleteOutcome>,
): Promise<void> {
  try {
    const answer = await perform(connection, operation, input);
    const told = toldOf(input, answer);
    for (const one of input.objects) {
      outcomes.set(one, told.get(nameOf(one)) ?? unmentioned(input, one, answer));
    }
  } catch (error) {
    for (const one of input.objects) outcomes.set(one, failure(one, error));
  }
}

/** Outcomes by the name of the object. */
function toldOf(input: ChunkInput, answer: ChunkResult): Map<string, DeleteOutcome> {
  const told = new Map<string, DeleteOutcome>();
  for (const one of answer.deleted) told.set(nameOf(one), { deleted: true, ...one });
  for (const { key, versionId, code, message } of answer.errors) {
    const error = errorOf({ input, key, code, message, requestId: answer.requestId });
    told.set(nameOf({ key, versionId }), { deleted: false, key, versionId, error });
  }
  return told;
}

/** No key has a line end before the version that a caller gives it and another one without. */
function nameOf({ key, versionId }: { key: string; versionId?: string | undefined }): string {
  return JSON.stringify([key, versionId || null]);
}

/** The service said neither that it is deleted nor that it is not. */
function unmentioned(
  input: ChunkInput,
  { key, versionId }: ObjectToDelete,
  { requestId }: ChunkResult,
): DeleteOutcome {
  const message = "The answer does not say what became of this object.";
  const error = errorOf({ input, key, code: "MalformedResponse", message, requestId });
  return { deleted: false, key, versionId, error };
}

interface KeyFailure {
  readonly input: DeleteObjectsInput;
  readonly key: string;
  readonly code: string;
  readonly message: string | undefined;
  readonly requestId: string | undefined;
}

/** The error of one object. Documents give it no status of its own: it is the one that its code has. */
function errorOf({ input, key, code, message, requestId }: KeyFailure): S3Error {
  const status = statusOfCode(code) ?? 200;
  const last = { attempt: 1, errorCode: code, statusCode: status, requestId };
  return toS3Error(
    { code, status, message: message || undefined, requestId },
    {
      context: { operation: operation.row.name, bucket: input.bucket, key },
      history: [last],
      ambiguous: code === "MalformedResponse",
    },
  );
}

async function deleteSingle(
  connection: Connection,
  { bucket, signal, ...rest }: DeleteObjectsInput,
  one: ObjectToDelete,
): Promise<DeleteOutcome> {
  const { key, versionId, etag: ifMatch } = one;
  const { expectedBucketOwner, requestPayer, bypassGovernanceRetention, mfa } = rest;
  try {
    const answer = await deleteObject(connection, {
      bucket,
      key,
      versionId,
      ifMatch,
      expectedBucketOwner,
      requestPayer,
      bypassGovernanceRetention,
      mfa,
      signal,
    });
    const { deleteMarker, versionId: deleteMarkerVersionId } = answer;
    const marker = deleteMarker === true ? { deleteMarker, deleteMarkerVersionId } : {};
    return { deleted: true, key, versionId, ...marker };
  } catch (error) {
    return failure(one, error);
  }
}

/** Whatever the caller's signal ended, or a fault of the program's own, is no outcome of an object. */
function failure({ key, versionId }: ObjectToDelete, error: unknown): DeleteOutcome {
  if (!S3Error.is(error) || error.errorCode === "Aborted") throw error;
  return { deleted: false, key, versionId, error };
}
