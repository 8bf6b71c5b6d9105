import { isIP } from "node:net";

/**
 * Whether a `Host` header may stand in a request to a listener that goes by `names`. A browser can be led here by a
 * name of anybody's that points to this machine, never by an address or by `localhost`.
 */
export function isAllowedHost(host: string | undefined, names: readonly string[]): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/.exec(host ?? "") ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  if (plain === undefined) return false;
  const name = plain.toLowerCase();
  return isIP(name) === 4 || name === "localhost" || names.includes(name);
}
