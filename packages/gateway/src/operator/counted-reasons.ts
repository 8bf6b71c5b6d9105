import { otherValue } from "./label-values.ts";

/*
 * Reasons that are counted by themselves, beside those of authentication and of anonymous access. A reason is set where its error is thrown;
 * here stands only which metric it is a label of, so it may stand in one of these lists and no more.
 */

/** A credential asked for what is not in its scope. */
export const scopeViolationReason = "scope_violation";

/** Whose limit a request met that was told to slow down. */
export const rateLimitReasons = [
  "concurrency",
  "rate_limited",
  "rate_limited_address",
  "rate_limited_credential",
  "rate_limited_failures",
  "rate_limited_global",
  otherValue,
] as const;
