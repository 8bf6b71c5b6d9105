import { s3Error } from "../errors/s3-error.ts";
import type { AuthFailureReason } from "./auth-failures.ts";
import { isSameSignature } from "./string-to-sign.ts";

/** `InvalidToken` unless the token that came is the credential's, or neither is there. */
export function checkSessionToken(
  presented: string | undefined,
  expected: string | undefined,
): void {
  if (presented === expected && expected === undefined) return;
  if (presented === undefined) {
    throw s3Error("InvalidToken", undefined, {
      message: "This access key is temporary: its requests need its session token.",
      reason: "missing_session_token" satisfies AuthFailureReason,
    });
  }
  if (expected !== undefined && isSameSignature(expected, presented)) return;
  throw s3Error("InvalidToken", undefined, {
    reason: expected === undefined ? "unexpected_session_token" : "bad_session_token",
  } satisfies { readonly reason: AuthFailureReason });
}
