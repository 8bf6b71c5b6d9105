import { S3Error } from "../errors/s3-error.ts";
import { breakerVerdict } from "./breaker-verdict.ts";

/**
 * Whether a source cannot answer at present: a broken network, a time limit, a 5xx, throttling, an open circuit. Not
 * when it says no, as with 403 and 404: that is an answer, and another source's would hide it.
 */
export function isOutage(error: unknown): boolean {
  if (breakerVerdict(error) === "failure") return true;
  return S3Error.is(error) && (error.errorCode === "CircuitOpen" || error.category === "throttled");
}
