import type { IncomingHttpHeaders } from "node:http";
import type { ConditionHeaders } from "@holdfast/protocol";

/** The conditions on the object that the request is about. */
export function conditionHeaders(headers: IncomingHttpHeaders): ConditionHeaders {
  return {
    ifMatch: headers["if-match"],
    ifNoneMatch: headers["if-none-match"],
    ifModifiedSince: headers["if-modified-since"],
    ifUnmodifiedSince: headers["if-unmodified-since"],
  };
}

/** The conditions on the object that a copy reads from. */
export function copySourceHeaders(headers: IncomingHttpHeaders): ConditionHeaders {
  const read = (name: string): string | undefined =>
    headers[`x-amz-copy-source-if-${name}`]?.toString();
  return {
    ifMatch: read("match"),
    ifNoneMatch: read("none-match"),
    ifModifiedSince: read("modified-since"),
    ifUnmodifiedSince: read("unmodified-since"),
  };
}
