import {
  checkKey,
  childText,
  childrenNamed,
  renderResult,
  s3Error,
  S3Error,
  writeCondition,
  type XmlElement,
  type XmlField,
} from "@holdfast/protocol";
import { keyToGrant } from "../access/key-to-grant.ts";
import { scopeViolation } from "../access/scope-violation.ts";
import { readDocument } from "../body/read-document.ts";
import type { Authorized } from "../context.ts";
import type { Handler } from "./handler.ts";
import { xmlReply } from "./xml-reply.ts";

const deletesMax = 1000;

/** One object that is to go, or why it may not. */
interface Deletion {
  readonly key: string;
  readonly ifMatch: string | undefined;
  readonly refused: S3Error | undefined;
}

/** What a request asks to have removed. */
export interface Deletions {
  readonly deletions: readonly Deletion[];
  readonly isQuiet: boolean;
}

/** Removes up to 1000 objects; each that fails says so by its own code. */
export const deleteObjects: Handler = async (request, engine) => {
  const document = await readDocument(request, { digestRequired: true });
  if (document === undefined) throw s3Error("MissingRequestBodyError");
  const { deletions, isQuiet } = readDeletions(document, request);
  await engine.headBucket(request.bucket);
  const wanted = deletions.filter(({ refused }) => refused === undefined);
  const outcomes = await engine.deleteObjects(
    request.bucket,
    wanted.map(({ key, ifMatch }) => ({
      key,
      precondition: writeCondition({ ifMatch }, key),
    })),
  );
  noteFailures(
    request,
    new Map(
      outcomes.flatMap((error, index) => {
        const key = wanted[index]?.key;
        return error === undefined || key === undefined ? [] : [[key, error.code] as const];
      }),
    ),
  );
  let next = 0;
  const results = deletions.map(({ key, refused }): XmlField | undefined => {
    const error = refused ?? outcomes[next++];
    if (error !== undefined) return describeFailure(key, error);
    return isQuiet ? undefined : ["Deleted", [["Key", key]]];
  });
  return xmlReply(
    renderResult(
      "DeleteResult",
      results.filter((result) => result !== undefined),
    ),
  );
};

/** Takes down which of the keys that might go did not, by code. */
export function noteFailures(
  { deletions = [] }: Authorized,
  codes: ReadonlyMap<string, string>,
): void {
  for (const deletion of deletions) deletion.code ??= codes.get(deletion.key);
}

/** How the result tells of an object that did not go. */
export function describeFailure(key: string, error: S3Error): XmlField {
  return [
    "Error",
    [
      ["Key", key],
      ["Code", error.code],
      ["Message", error.message],
    ],
  ];
}

/** Reads the document of a request; `MalformedXML` for what is none. */
export function readDeletions(document: XmlElement, request: Authorized): Deletions {
  const objects = childrenNamed(document, "Object");
  const isKnown = document.children.every(({ name }) => name === "Object" || name === "Quiet");
  if (document.name !== "Delete" || !isKnown || objects.length === 0) throw s3Error("MalformedXML");
  if (objects.length > deletesMax) throw s3Error("MalformedXML");
  const deletions = objects.map((object) => readDeletion(object, request));
  request.deletions = deletions.map(({ key, refused }) => {
    const { code, reason } = refused ?? {};
    return { key, code, reason };
  });
  request.denied = deletions.find(({ refused }) => refused?.code === "AccessDenied")?.refused;
  return {
    deletions,
    isQuiet: childText(document, "Quiet")?.trim() === "true",
  };
}

function readDeletion(object: XmlElement, { bucket, scope, attachment }: Authorized): Deletion {
  const key = childText(object, "Key");
  if (key === undefined || key === "") throw s3Error("MalformedXML");
  if (object.children.some(({ name }) => !known.has(name))) throw s3Error("MalformedXML");
  const refused = scope.allows("delete", bucket, keyToGrant(key, attachment))
    ? refusal(key, object)
    : scopeViolation(bucket, scope);
  return { key, ifMatch: childText(object, "ETag"), refused };
}

const known: ReadonlySet<string> = new Set([
  "ETag",
  "Key",
  "LastModifiedTime",
  "Size",
  "VersionId",
]);

/** Conditions that S3 has for directory buckets alone: to leave one out would delete too much. */
const unsupported: ReadonlySet<string> = new Set(["LastModifiedTime", "Size"]);

/** One key that cannot be must not keep the others from being deleted. */
function refusal(key: string, object: XmlElement): S3Error | undefined {
  const version = childText(object, "VersionId");
  if (version !== undefined && version !== "null")
    return s3Error("NoSuchVersion", { Key: key, VersionId: version });
  if (object.children.some(({ name }) => unsupported.has(name))) {
    return s3Error("NotImplemented");
  }
  try {
    checkKey(key);
    return undefined;
  } catch (error) {
    if (S3Error.is(error)) return error;
    throw error;
  }
}
