import { xmlRows } from "../errors/rows/xml.ts";
import { refusalOfRow, type S3Error } from "../errors/s3-error.ts";

/** The refusal of a document: MalformedXML, for a reason that a metric can tell from others. */
export function malformedXml(reason: string, cause?: unknown): S3Error {
  const options = { reason, ...(cause !== undefined && { cause }) };
  return refusalOfRow("MalformedXML", xmlRows.MalformedXML, options);
}
