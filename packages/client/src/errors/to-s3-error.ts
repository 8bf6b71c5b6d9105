import {
  meaningOnWire,
  statusOfCode,
  type ErrorCategory,
  type RetryClass,
} from "@holdfast/protocol";
import { summariseCauses } from "./cause-summary.ts";
import {
  S3AbortedError,
  S3AccessDeniedError,
  S3ClientError,
  S3ConflictError,
  S3IntegrityError,
  S3InvalidRequestError,
  S3NotFoundError,
  S3PreconditionFailedError,
  S3ServerError,
  S3SourceError,
  S3ThrottledError,
  S3TimeoutError,
  S3TransportError,
} from "./classes.ts";
import { clientCodes, type ClientCode } from "./client-codes.ts";
import { failureSentence } from "./failure-sentence.ts";
import { redact } from "./redact.ts";
import type { AttemptRecord, OperationContext, S3Error, S3ErrorFields } from "./s3-error.ts";
import { WireFailure, type WireFailureFields } from "./wire-failure.ts";

/** What a failure means, by its code first and its status second. Its text never counts. */
export interface FailureMeaning {
  readonly category: ErrorCategory;
  readonly retry: RetryClass;
  readonly message: string;
}

/** How an operation came to its failure. */
export interface FailureCourse {
  readonly context: OperationContext;
  readonly history: readonly AttemptRecord[];
  readonly ambiguous: boolean;
  /** Taken out of all that a server may have echoed, such as the secret key and the session token. */
  readonly secrets?: readonly string[] | undefined;
}

type ErrorClass = new (message: string, fields: S3ErrorFields, options?: ErrorOptions) => S3Error;

const classOfCategory: Readonly<Record<ErrorCategory, ErrorClass>> = {
  "already-exists": S3ConflictError,
  // Who ended it was not our caller, or the code would be one of ours.
  cancelled: S3ClientError,
  conflict: S3ConflictError,
  forbidden: S3AccessDeniedError,
  integrity: S3IntegrityError,
  "invalid-path": S3InvalidRequestError,
  "invalid-request": S3InvalidRequestError,
  locked: S3ConflictError,
  "not-found": S3NotFoundError,
  "not-modified": S3PreconditionFailedError,
  "precondition-failed": S3PreconditionFailedError,
  "quota-exceeded": S3ClientError,
  redirect: S3ClientError,
  throttled: S3ThrottledError,
  timeout: S3TimeoutError,
  unauthenticated: S3AccessDeniedError,
  unavailable: S3ServerError,
  unsupported: S3ClientError,
};

const classOfClientCode: Readonly<Partial<Record<ClientCode, ErrorClass>>> = {
  Aborted: S3AbortedError,
  BodySourceFailed: S3SourceError,
  BodyUnread: S3AbortedError,
  TruncatedBody: S3TransportError,
};

/** A certificate does not become valid by asking again. */
const lastingErrno =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|ERR_TLS_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;

/** What a failure means. An errno is an exchange that broke: trying again may help. */
export function meaningOf(failure: WireFailureFields): FailureMeaning {
  const { code, status, message } = failure;
  if (isClientCode(code)) return clientCodes[code];
  if (isRefusedHere(failure)) return { ...meaningOnWire(code, 400), message: message ?? "" };
  if (status === undefined || isBroken(failure)) {
    const retry = lastingErrno.test(code) ? "never" : "transient";
    return { category: "unavailable", retry, message: message ?? "" };
  }
  const { category, retry } = meaningOnWire(code, status);
  return { category, retry, message: message || "The service gave no reason." };
}

/**
 * The one place that makes the public error of a failure. Nothing that came from a server or a cause gets into it
 * without passing `redact`. Its stack has the frames above this function, the caller's awaits among them.
 */
export function toS3Error(failure: WireFailureFields, course: FailureCourse): S3Error {
  const { status } = failure;
  const { secrets = [], context } = course;
  const clean = (text: string): string => redact(text, secrets);
  const cleanOrNone = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : redact(text, secrets);
  const meaning = meaningOf(failure);
  const cause = publicCause(failure.cause, course);
  const causes = summariseCauses(cause, secrets);
  const errorCode = clean(failure.code);
  const fields: S3ErrorFields = {
    operation: context.operation,
    bucket: context.bucket,
    key: context.key,
    region: context.region,
    endpoint: context.endpoint,
    errorCode,
    statusCode: status,
    category: meaning.category,
    retry: meaning.retry,
    retryable: meaning.retry === "transient" || meaning.retry === "throttling",
    retryAfter: failure.retryAfter,
    requestId: cleanOrNone(failure.requestId),
    hostId: cleanOrNone(failure.hostId),
    codeInferred: failure.codeInferred ?? false,
    ambiguous: course.ambiguous,
    phase: failure.phase,
    details: cleanDetails(failure.details, clean),
    attempts: course.history.at(-1)?.attempt ?? 0,
    history: course.history.map((record) => cleanRecord(record, clean)),
    causes,
  };
  const text = clean(failure.message ?? meaning.message);
  return withCallersStack(classOf(failure, meaning.category), failureSentence(fields, text), {
    fields,
    cause,
  });
}

/** A failure that brought about another is an error of its own; callers know none but those. */
function publicCause(cause: unknown, { context, secrets }: FailureCourse): unknown {
  if (!(cause instanceof WireFailure)) return cause;
  return toS3Error(cause.fields, { context, secrets, history: [], ambiguous: false });
}

/** Making the stack twice, first with the frames of constructors, would double the cost of every 404. */
function withCallersStack(
  Class: ErrorClass,
  message: string,
  { fields, cause }: { readonly fields: S3ErrorFields; readonly cause: unknown },
): S3Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new Class(message, fields, cause === undefined ? undefined : { cause });
  Error.stackTraceLimit = limit;
  Error.captureStackTrace(error, toS3Error);
  return error;
}

function cleanDetails(
  details: Readonly<Record<string, string>> | undefined,
  clean: (text: string) => string,
): Readonly<Record<string, string>> {
  if (details === undefined) return {};
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [clean(name), clean(value)]),
  );
}

function cleanRecord(record: AttemptRecord, clean: (text: string) => string): AttemptRecord {
  const { attempt, errorCode, statusCode, requestId, delayMs } = record;
  return {
    attempt,
    errorCode: clean(errorCode),
    ...(statusCode !== undefined && { statusCode }),
    ...(requestId !== undefined && { requestId: clean(requestId) }),
    ...(delayMs !== undefined && { delayMs }),
  };
}

function classOf(failure: WireFailureFields, category: ErrorCategory): ErrorClass {
  const { code, status } = failure;
  if (isClientCode(code)) return classOfClientCode[code] ?? classOfCategory[category];
  if (isRefusedHere(failure)) return classOfCategory[category];
  if (status === undefined || isBroken(failure)) return S3TransportError;
  return classOfCategory[category];
}

/** Whether the exchange broke, and no service said anything: only that has a phase. */
function isBroken({ phase }: WireFailureFields): boolean {
  return phase !== undefined;
}

/** Whether it was the client that refused the request, in the service's words, before anything was sent. */
function isRefusedHere({ code, status, phase }: WireFailureFields): boolean {
  return status === undefined && phase === undefined && statusOfCode(code) !== undefined;
}

function isClientCode(code: string): code is ClientCode {
  return Object.hasOwn(clientCodes, code);
}
