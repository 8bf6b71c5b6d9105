export { S3Client } from "./client.ts";
export type { CredentialProvider, Credentials } from "./credentials/credentials.ts";
export type { Environment } from "./credentials/environment.ts";
export { fromContainer } from "./credentials/from-container.ts";
export { fromDefaultChain } from "./credentials/from-default-chain.ts";
export { fromEnvironment, type EnvironmentOptions } from "./credentials/from-environment.ts";
export { fromInstanceMetadata } from "./credentials/from-instance-metadata.ts";
export { fromSharedFiles } from "./credentials/from-shared-files.ts";
export { fromStatic } from "./credentials/from-static.ts";
export { fromWebIdentity } from "./credentials/from-web-identity.ts";
export type { SharedFilesOptions } from "./credentials/shared-files.ts";
export type { CauseSummary } from "./errors/cause-summary.ts";
export {
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
} from "./errors/classes.ts";
export {
  describeFailure,
  type FailureReport,
  type FailureReportError,
} from "./errors/describe-failure.ts";
export {
  S3Error,
  type AttemptRecord,
  type OperationContext,
  type S3ErrorFields,
  type S3ErrorJson,
} from "./errors/s3-error.ts";

export {
  batch,
  batchStream,
  type BatchAttempt,
  type BatchOptions,
  type BatchOutcome,
} from "./resilience/batch.ts";
export type { BreakerEvent, CircuitBreakerOptions } from "./resilience/breaker-rules.ts";
export type { BreakerLease } from "./resilience/breaker-lease.ts";
export { breakerVerdict, type BreakerVerdict } from "./resilience/breaker-verdict.ts";
export {
  CircuitBreaker,
  type BreakerSnapshot,
  type BreakerState,
} from "./resilience/circuit-breaker.ts";
export { CircuitOpenError } from "./resilience/circuit-open-error.ts";
export type { Answer, Call, CallOptions, Connection } from "./request/call.ts";
export type { S3ClientOptions, Timeouts } from "./request/settings.ts";
export type {
  AttemptEvent,
  BreakerChangeEvent,
  ErrorEvent,
  ProgressEvent,
  RequestEvent,
  ResponseEvent,
  RetryEvent,
  S3Event,
} from "./tracing/event.ts";
export type { EventHook } from "./tracing/events.ts";
export { logEvents, type EventLogger, type LogEventsOptions } from "./tracing/log-events.ts";
export {
  traceOperations,
  type OperationSpan,
  type OperationTracer,
  type SpanAttributes,
  type TraceOperationsOptions,
} from "./tracing/trace-operations.ts";
export { isRetryable } from "./resilience/is-retryable.ts";
export {
  retry,
  type RetryAttempt,
  type RetryNotice,
  type RetryOptions,
} from "./resilience/retry.ts";
export { s3Retry } from "./resilience/s3-retry.ts";
