import { syntaxRows } from "./rows/syntax.ts";
import { refusalOfRow, type S3Error } from "./s3-error.ts";

/** The refusal of a document: MalformedXML, for a reason that a metric can tell from others. */
export function malformedXml(reason: string, cause?: unknown): S3Error {
  return refusalOfRow(
    "MalformedXML",
    syntaxRows.MalformedXML,
    cause === undefined ? { reason } : { reason, cause },
  );
}
