import { s3Error } from "../errors/s3-error.ts";
import type { AuthFailureReason } from "./auth-failures.ts";

/** `InvalidAccessKeyId` unless the id is one that could exist, before anything is looked up by it. */
export function checkAccessKeyId(accessKeyId: string): void {
  if (/^[A-Za-z0-9._-]{3,128}$/.test(accessKeyId)) return;
  throw s3Error(
    "InvalidAccessKeyId",
    { AWSAccessKeyId: accessKeyId },
    { reason: "malformed_access_key_id" satisfies AuthFailureReason },
  );
}
