import { s3Error, type S3Error } from "@holdfast/protocol";
import type { Scope } from "./scope.ts";

/** The refusal of what is not granted; it says the same of a bucket that does not exist. */
export function scopeViolation(bucket: string, scope: Scope): S3Error {
  return s3Error("AccessDenied", undefined, {
    message: scope.knows(bucket)
      ? "The credential is not authorised for this on this bucket or key."
      : "The credential is not authorised for this bucket.",
    ...(bucket !== "" && { extra: { BucketName: bucket } }),
    reason: "scope_violation",
  });
}
