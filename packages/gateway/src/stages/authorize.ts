import type { Control } from "../access/control.ts";
import type { Authenticated, Authorized } from "../context.ts";

/**
 * Decides whether the principal may do this. The root credential, the only kind there is, may do
 * everything in the operation table, and nothing outside it has come this far.
 */
export function authorize(authenticated: Authenticated, control: Control): Authorized {
  const attachment = control.attachment(authenticated.bucket);
  return Object.assign(authenticated, { authorized: true, attachment } as const);
}
