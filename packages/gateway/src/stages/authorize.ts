import type { Authenticated, Authorized } from "../context.ts";

/**
 * Decides whether the principal may do this. The root credential, the only kind there is, may do
 * everything in the operation table, and nothing outside it has come this far.
 */
export function authorize(authenticated: Authenticated): Authorized {
  return Object.assign(authenticated, { authorized: true } as const);
}
