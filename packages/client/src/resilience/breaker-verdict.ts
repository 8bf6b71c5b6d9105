import type { ErrorCategory } from "@holdfast/protocol";
import { S3Error } from "../errors/s3-error.ts";
import { meaningOf } from "../errors/to-s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import { isNetworkError } from "./network-error.ts";

/** What a thrown error says about the health of an endpoint. `neutral` is nothing. */
export type BreakerVerdict = "failure" | "success" | "neutral";

const failing: ReadonlySet<ErrorCategory> = new Set(["timeout", "unavailable"]);

/** Throttling has its own remedy, waiting; a breaker would turn it into an outage. */
const neutral: ReadonlySet<ErrorCategory> = new Set(["cancelled", "throttled"]);

/**
 * The default: a 5xx, a broken network and a timeout are failures; a service that says no is in good health; what was
 * throttled, aborted, refused by a breaker or thrown by the caller's own code says nothing.
 */
export function breakerVerdict(error: unknown): BreakerVerdict {
  if (error instanceof WireFailure) {
    return verdictOf(error.fields.code, meaningOf(error.fields).category, error.fields.status);
  }
  if (S3Error.is(error)) return verdictOf(error.errorCode, error.category, error.statusCode);
  return isNetworkError(error) ? "failure" : "neutral";
}

function verdictOf(
  code: string,
  category: ErrorCategory,
  status: number | undefined,
): BreakerVerdict {
  if (code === "CircuitOpen" || neutral.has(category)) return "neutral";
  if (failing.has(category)) return "failure";
  // Without an answer nobody was seen alive.
  return status === undefined ? "neutral" : "success";
}
