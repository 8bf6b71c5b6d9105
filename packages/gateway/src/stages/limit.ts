import { authFailureOf, S3Error } from "@holdfast/protocol";
import type { Authenticated, Authorized, Limited, Routed } from "../context.ts";
import type { Limits } from "../limits/limits.ts";

/** Counts the request against the limits of who asks, of where it comes from and of all: `SlowDown` over one of them. */
export function limit(authorized: Authorized, limits: Limits): Limited {
  return Object.assign(authorized, { release: limits.admit(authorized) });
}

/** Lets an address that fails to say who it is do so only so often. */
export function limitFailures(
  routed: Routed,
  limits: Limits,
  authenticate: (routed: Routed) => Authenticated,
): Authenticated {
  limits.refuseFailing(routed.address);
  try {
    return authenticate(routed);
  } catch (error) {
    if (S3Error.is(error) && authFailureOf(error.reason) !== undefined)
      limits.countFailure(routed.address);
    throw error;
  }
}
