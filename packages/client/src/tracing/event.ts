import type { RetryClass } from "@holdfast/protocol";
import type { CauseSummary } from "../errors/cause-summary.ts";
import type { OperationContext, S3Error } from "../errors/s3-error.ts";
import type { BreakerEvent } from "../resilience/breaker-rules.ts";

interface OfOperation {
  /** The same for all events of one operation; another for each of the process. */
  readonly id: number;
  readonly context: OperationContext;
}

/** An operation begins. One `response` or `error` follows; an `error` after a `response` is one of the bytes being read. */
export interface RequestEvent extends OfOperation {
  readonly type: "request";
}

/** A request is about to be sent. */
export interface AttemptEvent extends OfOperation {
  readonly type: "attempt";
  /** Counted from 1. */
  readonly attempt: number;
  readonly method: string;
  /** Percent-encoded and without the query, which may be signed. */
  readonly path: string;
}

/** An attempt failed and another follows. */
export interface RetryEvent extends OfOperation {
  readonly type: "retry";
  /** The one that failed. */
  readonly attempt: number;
  readonly errorCode: string;
  readonly statusCode: number | undefined;
  readonly requestId: string | undefined;
  /** What happens before: a wait, or something is put right. */
  readonly retry: RetryClass;
  /** In milliseconds. */
  readonly delayMs: number;
}

/** The service answered, and the answer is a success. The bytes of an object are still to be read. */
export interface ResponseEvent extends OfOperation {
  readonly type: "response";
  readonly statusCode: number;
  readonly requestId: string | undefined;
  readonly attempts: number;
  /** Since the operation began, in milliseconds. */
  readonly elapsedMs: number;
}

/** The operation failed with the error that its caller gets. */
export interface ErrorEvent extends OfOperation {
  readonly type: "error";
  readonly error: S3Error;
  /** Since the operation began, in milliseconds. */
  readonly elapsedMs: number;
}

/** A circuit breaker changed. */
export interface BreakerChangeEvent {
  readonly type: "breaker";
  readonly change: BreakerEvent["type"];
  /** The endpoint that it guards. */
  readonly name: string;
  /** Until a call may pass, in seconds, of `open`. */
  readonly retryAfter: number | undefined;
  /** What opened it. */
  readonly causes: readonly CauseSummary[];
}

/** Bytes of a managed transfer have arrived. */
export interface ProgressEvent {
  readonly type: "progress";
  readonly context: OperationContext;
  readonly transferredBytes: number;
  /** Of the whole, where it is known. */
  readonly totalBytes: number | undefined;
}

/** What the client tells of its work. Holds no secret, token, signature or signed query. */
export type S3Event =
  | AttemptEvent
  | BreakerChangeEvent
  | ErrorEvent
  | ProgressEvent
  | RequestEvent
  | ResponseEvent
  | RetryEvent;
