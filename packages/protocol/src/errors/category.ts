/** What a failure is to the caller. A category exists only where some caller would act differently. */
export type ErrorCategory =
  | "already-exists"
  | "cancelled"
  | "conflict"
  | "forbidden"
  | "integrity"
  | "invalid-path"
  | "invalid-request"
  | "locked"
  | "not-found"
  | "not-modified"
  | "precondition-failed"
  | "quota-exceeded"
  | "redirect"
  | "throttled"
  | "timeout"
  | "unauthenticated"
  | "unavailable"
  | "unsupported";

/**
 * Whether trying again can help, and what has to happen first.
 *
 * - `never`: the same request fails the same way.
 * - `transient`: after a short back-off.
 * - `throttling`: after a longer back-off, or the time the server names.
 * - `clock-skew`: once, after the clock's offset was corrected.
 * - `credentials`: once, after the credentials were refreshed.
 * - `region`: once, signed for the region or endpoint that the answer names.
 * - `restart`: the request alone never, but the operation it belongs to can succeed from its beginning
 *   (a new upload id, a fresh read before a conditional write).
 */
export type RetryClass =
  | "never"
  | "transient"
  | "throttling"
  | "clock-skew"
  | "credentials"
  | "region"
  | "restart";
