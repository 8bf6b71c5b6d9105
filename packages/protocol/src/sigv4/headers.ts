import { s3Error } from "../errors/s3-error.ts";
import type { AuthFailureReason } from "./auth-failures.ts";

/** A request's headers by lower-case name. */
export interface Headers {
  readonly values: ReadonlyMap<string, string>;
  /** The names that stood there more than once; only headers without consequence may. */
  readonly repeated: ReadonlySet<string>;
}

const decisive = new Set([
  "authorization",
  "content-length",
  "content-md5",
  "content-type",
  "date",
  "host",
  "range",
]);

/** Gathers node's `rawHeaders`. A second one of a header that decides something is `InvalidRequest`. */
export function readHeaders(rawHeaders: readonly string[]): Headers {
  const values = new Map<string, string>();
  const repeated = new Set<string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? "";
    if (values.has(name)) {
      // Which of the two counts would differ between the signature's reader and the operation's.
      if (isDecisive(name)) throw repeatedHeader();
      repeated.add(name);
    }
    values.set(name, rawHeaders[index + 1] ?? "");
  }
  return { values, repeated };
}

/** The refusal of a header that may stand once only. */
export function repeatedHeader(): Error {
  return s3Error("InvalidRequest", undefined, {
    message: "A header that may be sent once was sent more than once.",
    reason: "repeated_header" satisfies AuthFailureReason,
  });
}

function isDecisive(name: string): boolean {
  return name.startsWith("x-amz-") || name.startsWith("if-") || decisive.has(name);
}
