import { S3Error } from "@holdfast/client";
import { DriverFailure, type Failure, type FailureKind } from "../../errors/driver-failure.ts";

/** The client's own codes that a store tells apart further than their category does. */
const kindOfCode: Readonly<Record<string, FailureKind>> = {
  Aborted: "aborted",
  BodySourceFailed: "source-failed",
  ModifiedDuringRead: "modified",
};

/** What the client rejected with: by its code where that says more, else by its category. */
export function failureOfS3(error: unknown): Failure {
  if (error instanceof DriverFailure) return error;
  if (!S3Error.is(error)) return { kind: "unknown", cause: error };
  const { errorCode, category, message, retryable, retryAfter, requestId, ambiguous } = error;
  const ownKind = Object.hasOwn(kindOfCode, errorCode) ? kindOfCode[errorCode] : undefined;
  return {
    kind: ownKind ?? category,
    message,
    retryable,
    retryAfter,
    code: errorCode,
    status: error.statusCode,
    requestId,
    ambiguous,
    cause: error,
  };
}
