import type { CorsRule } from "./rule.ts";

/** Of which request headers the answer is made, so that no cache gives one origin's answer to another. */
export const corsVary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

/** What a page's browser asks before it sends the request itself. */
export interface PreflightQuestion {
  readonly origin: string;
  readonly method: string;
  /** `Access-Control-Request-Headers`, as it came. */
  readonly requestHeaders?: string | undefined;
}

type Headers = Readonly<Record<string, string>>;

/**
 * What the first rule that allows the origin, the method and every header answers to a preflight, or undefined when none
 * does (UserGuide/cors, "How does Amazon S3 evaluate the CORS configuration").
 */
export function preflightHeaders(
  rules: readonly CorsRule[],
  { origin, method, requestHeaders = "" }: PreflightQuestion,
): Headers | undefined {
  const asked = requestHeaders
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  const rule = rules.find((one) => allows(one, { origin, method }) && allowsAll(one, asked));
  if (rule === undefined) return undefined;
  const headers = grantedHeaders(rule, origin);
  return asked.length === 0
    ? headers
    : { ...headers, "access-control-allow-headers": asked.join(", ") };
}

/** What the first rule that allows the origin and the method adds to the answer of a request. */
export function actualHeaders(
  rules: readonly CorsRule[],
  request: { readonly origin: string; readonly method: string },
): Headers | undefined {
  const rule = rules.find((one) => allows(one, request));
  return rule === undefined ? undefined : grantedHeaders(rule, request.origin);
}

function allows(
  rule: CorsRule,
  { origin, method }: Pick<PreflightQuestion, "origin" | "method">,
): boolean {
  return (
    rule.allowedMethods.some((allowed) => allowed === method) &&
    rule.allowedOrigins.some((pattern) => matches(pattern, origin))
  );
}

function allowsAll({ allowedHeaders }: CorsRule, names: readonly string[]): boolean {
  return names.every((name) =>
    allowedHeaders.some((pattern) => matches(pattern.toLowerCase(), name)),
  );
}

/** A pattern has at most one `*`. */
function matches(pattern: string, text: string): boolean {
  const star = pattern.indexOf("*");
  if (star === -1) return pattern === text;
  return (
    text.length >= pattern.length - 1 &&
    text.startsWith(pattern.slice(0, star)) &&
    text.endsWith(pattern.slice(star + 1))
  );
}

function grantedHeaders(rule: CorsRule, origin: string): Headers {
  const pattern = rule.allowedOrigins.find((one) => matches(one, origin));
  const { exposeHeaders, maxAgeSeconds } = rule;
  return {
    // A browser does not take credentials and any origin together (Fetch, 3.3.5).
    ...(pattern === "*"
      ? { "access-control-allow-origin": "*" }
      : {
          "access-control-allow-origin": origin,
          "access-control-allow-credentials": "true",
        }),
    "access-control-allow-methods": rule.allowedMethods.join(", "),
    ...(exposeHeaders.length > 0 && {
      "access-control-expose-headers": exposeHeaders.join(", "),
    }),
    ...(maxAgeSeconds !== undefined && { "access-control-max-age": String(maxAgeSeconds) }),
  };
}
