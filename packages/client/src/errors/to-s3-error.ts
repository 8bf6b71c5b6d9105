import {
  catalogue,
  isErrorCode,
  s3ErrorFromWire,
  type ErrorCategory,
  type RetryClass,
} from "@holdfast/protocol";
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
import type { AttemptRecord, OperationContext, S3Error, S3ErrorFields } from "./s3-error.ts";
import type { WireFailureFields } from "./wire-failure.ts";

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
}

type ErrorClass = new (message: string, fields: S3ErrorFields, options?: ErrorOptions) => S3Error;

const classOfCategory: Readonly<Record<ErrorCategory, ErrorClass>> = {
  "already-exists": S3ConflictError,
  cancelled: S3AbortedError,
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

/** What a failure means. An errno is an exchange that broke: trying again may help. */
export function meaningOf(failure: WireFailureFields): FailureMeaning {
  const { code, status, message } = failure;
  if (isClientCode(code)) return clientCodes[code];
  if (status === undefined) {
    return { category: "unavailable", retry: "transient", message: message ?? code };
  }
  const { category, retry, message: text } = s3ErrorFromWire({ code, status, message });
  return { category, retry, message: text };
}

/** The one place that makes the public error of a failure. */
export function toS3Error(failure: WireFailureFields, course: FailureCourse): S3Error {
  const { code, status, cause } = failure;
  const { category, retry, message } = meaningOf(failure);
  const fields: S3ErrorFields = {
    ...course.context,
    errorCode: code,
    statusCode: status,
    category,
    retry,
    retryable: retry === "transient" || retry === "throttling" || retry === "clock-skew",
    retryAfter: failure.retryAfter,
    requestId: failure.requestId,
    hostId: failure.hostId,
    codeInferred: failure.codeInferred ?? false,
    ambiguous: course.ambiguous,
    phase: failure.phase,
    details: failure.details ?? {},
    attempts: course.history.length,
    history: course.history,
  };
  const Class = classOf(failure, category);
  return new Class(failure.message ?? message, fields, cause === undefined ? undefined : { cause });
}

function classOf({ code, status }: WireFailureFields, category: ErrorCategory): ErrorClass {
  if (code === "BodySourceFailed") return S3SourceError;
  if (isClientCode(code)) return classOfCategory[category];
  if (status === undefined) return S3TransportError;
  const known = isErrorCode(code) ? classOfCategory[catalogue[code].category] : undefined;
  return known ?? classOfCategory[category];
}

function isClientCode(code: string): code is ClientCode {
  return Object.hasOwn(clientCodes, code);
}
