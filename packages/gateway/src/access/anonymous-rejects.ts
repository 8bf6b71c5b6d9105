/** Why a request without a signature is refused, as metrics and audit say it. */
export const anonymousRejects = {
  disabled_globally: "Anonymous access is off for the whole gateway.",
  no_binding: "The bucket has no binding that lets anyone read it, or the request names no bucket.",
  operation_not_allowed: "The operation, or one of its parameters, is not one that anyone may use.",
  rate_limited: "The address has asked the bucket more often than its binding allows.",
} as const;

export type AnonymousReject = keyof typeof anonymousRejects;
