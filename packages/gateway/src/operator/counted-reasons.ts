/*
 * Reasons that are counted by themselves. A reason is set where its error is thrown; here stands only which metric it
 * is a label of, so it may stand in one of these lists and no more.
 */

/** Why a request was not believed. */
export const authFailureReasons = [
  "unknown_access_key",
  "bad_signature",
  "disabled",
  "expired",
  "bad_authorization_format",
  "bad_credential_field",
  "bad_date",
  "time_skew",
] as const;

/** Why a request without a signature was refused. */
export const anonymousRejectReasons = [
  "disabled_globally",
  "no_binding",
  "operation_not_allowed",
  "rate_limited",
] as const;

/** A credential asked for what is not in its scope. */
export const scopeViolationReason = "scope_violation";
