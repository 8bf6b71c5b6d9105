import type { Received } from "../context.ts";

/**
 * The access key id that a request names, whether or not it proved to hold its secret: for records, and never for a
 * decision. Undefined when it names none, or one that could be no id.
 */
export function presentedAccessKeyId({
  headers: { authorization },
  target,
}: Pick<Received, "headers" | "target">): string | undefined {
  const presented =
    /\bCredential=([^/,\s]{1,128})\//.exec(authorization ?? "") ??
    /[?&]X-Amz-Credential=([^/%&]{1,128})(?:%2F|\/)/i.exec(target);
  return presented?.[1];
}
