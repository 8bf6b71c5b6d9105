import { s3Error, type AuthFailureReason } from "@holdfast/protocol";
import type { Credential } from "./credential.ts";

/**
 * Throws for a credential that is disabled or has expired, in the words for each. To be asked only for who has proved to
 * have its secret: nobody else is told.
 */
export function checkHolds(credential: Credential, now: number): void {
  const { accessKeyId, disabled, expiresAt, sessionToken } = credential;
  if (disabled) {
    const reason: AuthFailureReason = "disabled";
    const message = "The access key is disabled.";
    throw s3Error("InvalidAccessKeyId", { AWSAccessKeyId: accessKeyId }, { reason, message });
  }
  if (expiresAt === undefined || now < expiresAt) return;
  const reason: AuthFailureReason = "expired";
  if (sessionToken !== undefined) throw s3Error("ExpiredToken", undefined, { reason });
  throw s3Error("AccessDenied", undefined, { message: "The access key has expired.", reason });
}
