import { syntaxRows } from "./rows/syntax.ts";
import { refusalOfRow, type S3Error } from "./s3-error.ts";

/** The refusal of a request target: InvalidURI, for a reason that a metric can tell from others. */
export function invalidUri(reason: string, cause?: unknown): S3Error {
  return refusalOfRow(
    "InvalidURI",
    syntaxRows.InvalidURI,
    cause === undefined ? { reason } : { reason, cause },
  );
}
