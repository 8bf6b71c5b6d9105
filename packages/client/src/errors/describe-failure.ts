import { clientVersion } from "../version.ts";
import { summariseCauses, type CauseSummary } from "./cause-summary.ts";
import { redact } from "./redact.ts";
import { S3Error, type AttemptRecord, type S3ErrorFields } from "./s3-error.ts";

const stackMax = 8192;

type Course =
  | "operation"
  | "bucket"
  | "key"
  | "region"
  | "endpoint"
  | "attempts"
  | "history"
  | "causes";

/** The error of a report; of one that is not the client's, its name, code, message and stack. */
export interface FailureReportError extends Partial<Omit<S3ErrorFields, Course>> {
  readonly name: string;
  readonly message: string;
  /** Secrets left out, at most 8,192 characters. */
  readonly stack: string | undefined;
}

/** What a failed operation leaves to be looked into: plain data, without secrets, at most some 40 KiB. */
export interface FailureReport {
  /** When the report was made: ISO 8601, UTC. */
  readonly timestamp: string;
  readonly operation: string | undefined;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly error: FailureReportError;
  /** The causes of the error, nearest first. */
  readonly causes: readonly CauseSummary[];
  /** The last twenty tries, each with the wait that followed it. */
  readonly attempts: readonly AttemptRecord[];
  readonly client: {
    readonly region: string | undefined;
    readonly endpoint: string | undefined;
    readonly version: string;
  };
  /** The version of Node.js. */
  readonly node: string;
}

/** Collects what is known of a failure, whatever was thrown. Safe to log and to send on as JSON. */
export function describeFailure(thrown: unknown): FailureReport {
  const fields = S3Error.is(thrown) ? thrown.toJSON() : undefined;
  const [summary, ...further] = summariseCauses(thrown);
  const { operation, bucket, key, region, endpoint, history, causes } = fields ?? {};
  return {
    timestamp: new Date().toISOString(),
    operation,
    bucket,
    key,
    error: { ...errorOf(fields, summary), stack: stackOf(thrown) },
    causes: causes ?? further,
    attempts: history ?? [],
    client: { region, endpoint, version: clientVersion },
    node: process.versions.node,
  };
}

function errorOf(
  fields: ReturnType<S3Error["toJSON"]> | undefined,
  summary: CauseSummary | undefined,
): Omit<FailureReportError, "stack"> {
  if (fields === undefined) {
    const { name = "undefined", code, message = "" } = summary ?? {};
    return { name, message, ...(code !== undefined && { errorCode: code }) };
  }
  const { name, message, errorCode, statusCode, category, retry, retryable, retryAfter } = fields;
  const { ambiguous, codeInferred, phase, requestId, hostId, details } = fields;
  return {
    name,
    message,
    errorCode,
    statusCode,
    category,
    retry,
    retryable,
    retryAfter,
    ambiguous,
    codeInferred,
    phase,
    requestId,
    hostId,
    details,
  };
}

/** Read but once: it may be a getter, and it may throw. */
function stackOf(thrown: unknown): string | undefined {
  try {
    const stack: unknown =
      typeof thrown === "object" && thrown !== null ? Reflect.get(thrown, "stack") : undefined;
    return typeof stack === "string" ? redact(stack).slice(0, stackMax) : undefined;
  } catch {
    return undefined;
  }
}
