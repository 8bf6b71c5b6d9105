import type { OperationContext, S3ErrorFields } from "./s3-error.ts";
import type { FailurePhase } from "./wire-failure.ts";

const brokenAt: Readonly<Record<FailurePhase, string>> = {
  connect: "No connection could be made",
  request: "The connection broke while the request was sent",
  headers: "The connection broke before the answer began",
  body: "The connection broke while the answer was read",
};

/**
 * What failed and why, for a person: `GetObject photos/cat.jpg failed with NoSuchKey (404): The specified key does not
 * exist.` One line, whatever the key and the `text` hold.
 */
export function failureSentence(fields: S3ErrorFields, text: string): string {
  const { attempts, ambiguous } = fields;
  const tries = attempts > 1 ? ` after ${attempts} attempts` : "";
  const doubt = ambiguous ? " It may have been carried out." : "";
  const reason = ended(text || broken(fields));
  return oneLine(`${targetOf(fields)} failed${tries} with ${label(fields)}: ${reason}${doubt}`);
}

/** An operation and what it acts on: `GetObject photos/cat.jpg`. */
export function targetOf({ operation, bucket, key }: OperationContext): string {
  if (bucket === undefined) return operation;
  return key === undefined ? `${operation} ${bucket}` : `${operation} ${bucket}/${key}`;
}

/** A text without control characters and line ends, which a key may hold. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

function label({ errorCode, statusCode }: S3ErrorFields): string {
  if (statusCode === undefined) return errorCode;
  return errorCode === String(statusCode) ? `status ${statusCode}` : `${errorCode} (${statusCode})`;
}

/** The errno's own words name the address. */
function broken({ phase, causes = [] }: S3ErrorFields): string {
  const where = phase === undefined ? "No answer arrived" : brokenAt[phase];
  const words = causes.find(({ message }) => message !== "")?.message;
  return words === undefined ? where : `${where}: ${words}`;
}

function ended(text: string): string {
  return /[.!?…]\s*$/.test(text) ? text.trimEnd() : `${text}.`;
}
