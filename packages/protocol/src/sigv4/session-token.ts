import type { Signable } from "./canonical-request.ts";

/** The header that carries the token of a temporary credential, and in lower case the parameter. */
export const sessionTokenHeader = "x-amz-security-token";

/** Whether a query parameter carries the token: in any spelling, for an upstream may not care. */
export function isSessionToken(parameter: string): boolean {
  return parameter.toLowerCase() === sessionTokenHeader;
}

/** The same request with its token covered, for showing it to whoever sent it. */
export function withoutToken(signable: Signable): Signable {
  const query = signable.query.replaceAll(/(?<=(?:^|&)x-amz-security-token=)[^&]*/gi, "***");
  return { ...signable, query };
}
