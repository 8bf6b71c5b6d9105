import { parseIsoDate } from "../../dates.ts";
import { s3Error, type S3Error } from "../../errors/s3-error.ts";

/** What a form must satisfy. */
export type PolicyCondition =
  | {
      readonly is: "eq" | "starts-with";
      /** In lower case. */
      readonly field: string;
      readonly value: string;
    }
  | {
      readonly is: "content-length-range";
      /** Bytes of the file. */
      readonly min: number;
      readonly max: number;
    };

/** Until when a form may be sent, and with what in it. */
export interface PostPolicy {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly conditions: readonly PolicyCondition[];
}

/**
 * Reads the `policy` of a form, JSON in base64: `InvalidPolicyDocument` for what AWS has no meaning for, an expiration that
 * is missing included
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html).
 */
export function readPostPolicy(encoded: string): PostPolicy {
  const policy = parseJson(encoded);
  if (!isRecord(policy)) throw invalid("it must be a JSON object.");
  const unknown = Object.keys(policy).find(
    (name) => name !== "expiration" && name !== "conditions",
  );
  if (unknown !== undefined) throw invalid("it has a member that it cannot have.");
  const { expiration, conditions } = policy;
  const expiresAt = typeof expiration === "string" ? parseIsoDate(expiration) : undefined;
  if (expiresAt === undefined) throw invalid("its expiration is missing or not an ISO 8601 date.");
  if (!Array.isArray(conditions)) throw invalid("its conditions are missing or not a list.");
  return { expiresAt, conditions: conditions.map((one: unknown) => readCondition(one)) };
}

function parseJson(encoded: string): unknown {
  if (!/^[A-Za-z0-9+/ \r\n]+={0,2}[ \r\n]*$/.test(encoded)) throw invalid("it is not base64.");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(encoded, "base64"))); // prettier-ignore
  } catch (cause) {
    throw invalid("it is not JSON in UTF-8.", cause);
  }
}

function readCondition(condition: unknown): PolicyCondition {
  if (Array.isArray(condition)) return readMatch(condition);
  if (!isRecord(condition)) throw invalid("a condition is neither a list nor an object.");
  const [pair, second] = Object.entries(condition);
  if (pair === undefined || second !== undefined) {
    throw invalid("a condition that is an object must have exactly one member.");
  }
  const [field, value] = pair;
  return { is: "eq", field: field.toLowerCase(), value: readText(value) };
}

function readMatch(condition: readonly unknown[]): PolicyCondition {
  const [operator, subject, value] = condition;
  if (condition.length !== 3 || typeof operator !== "string") {
    throw invalid("a condition that is a list must be an operator and two values.");
  }
  const is = operator.toLowerCase();
  if (is === "content-length-range") return readRange(subject, value);
  if (is !== "eq" && is !== "starts-with") throw invalid("a condition has an unknown operator.");
  if (typeof subject !== "string" || !subject.startsWith("$")) {
    throw invalid("the field of a condition must be written with a '$'.");
  }
  return { is, field: subject.slice(1).toLowerCase(), value: readText(value) };
}

function readRange(least: unknown, most: unknown): PolicyCondition {
  const [min, max] = [readBytes(least), readBytes(most)];
  if (min > max) throw invalid("a content-length-range ends before it begins.");
  return { is: "content-length-range", min, max };
}

function readBytes(value: unknown): number {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text === "string" && /^\d{1,15}$/.test(text)) return Number(text);
  throw invalid("a content-length-range must be two whole numbers of bytes.");
}

/** Writers of policies do not quote statuses. */
function readText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw invalid("the value of a condition must be a string or a number.");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(fault: string, cause?: unknown): S3Error {
  const message = `Invalid Policy: ${fault}`;
  return s3Error("InvalidPolicyDocument", undefined, { message, reason: "invalid_policy", cause });
}
