import { malformedXml } from "../errors/malformed-xml.ts";
import { s3Error, type S3Error } from "../errors/s3-error.ts";
import { corsMethods, type CorsMethod, type CorsRule } from "./rule.ts";

/** A rule as somebody wrote it. */
export interface UncheckedCorsRule extends Omit<CorsRule, "allowedMethods"> {
  readonly allowedMethods: readonly string[];
}

/** AWS's limits: UserGuide/ManageCorsUsing and API_CORSRule. */
const rulesMax = 100;
const idLengthMax = 255;
const maxAgeSecondsMax = 2_147_483_647;

const headerName = /^[!#$%&'+.^_`|~0-9A-Za-z-]+$/;
const visible = /^[\x21-\x7e]+$/;

/**
 * The rules, if a bucket may have them: `MalformedXML` for none, for too many and for one without an origin or a method,
 * `InvalidRequest` for what stands in one and cannot.
 */
export function checkCorsRules(rules: readonly UncheckedCorsRule[]): readonly CorsRule[] {
  if (rules.length === 0 || rules.length > rulesMax) throw malformedXml("cors_rule_count");
  return rules.map((rule) => checkRule(rule));
}

function checkRule(rule: UncheckedCorsRule): CorsRule {
  const { id, allowedOrigins, allowedHeaders, exposeHeaders, maxAgeSeconds } = rule;
  if (id !== undefined && id.length > idLengthMax) {
    throw refused(`The ID of a rule is longer than ${idLengthMax} characters.`);
  }
  if (allowedOrigins.length === 0 || rule.allowedMethods.length === 0) {
    throw malformedXml("cors_rule_incomplete");
  }
  for (const origin of allowedOrigins) checkPattern("AllowedOrigin", origin);
  for (const header of allowedHeaders) checkPattern("AllowedHeader", header);
  for (const header of exposeHeaders) checkExposed(header);
  checkMaxAge(maxAgeSeconds);
  return { ...rule, allowedMethods: rule.allowedMethods.map((method) => checkMethod(method)) };
}

function checkMethod(method: string): CorsMethod {
  const known = corsMethods.find((one) => one === method);
  if (known !== undefined) return known;
  throw refused(`A rule allows an HTTP method that is not one of ${corsMethods.join(", ")}.`);
}

function checkPattern(element: string, pattern: string): void {
  if (pattern.split("*").length > 2) throw refused(`An ${element} has more than one wildcard.`);
  if (!visible.test(pattern)) throw refused(`An ${element} is empty or has a character it cannot.`);
}

/** These are sent as they are. */
function checkExposed(header: string): void {
  if (headerName.test(header)) return;
  throw refused("An ExposeHeader is not the name of a header; wildcards are not supported there.");
}

function checkMaxAge(seconds: number | undefined): void {
  if (seconds === undefined) return;
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= maxAgeSecondsMax) return;
  throw malformedXml("cors_max_age");
}

function refused(message: string): S3Error {
  return s3Error("InvalidRequest", undefined, { message, reason: "bad_cors_rule" });
}
