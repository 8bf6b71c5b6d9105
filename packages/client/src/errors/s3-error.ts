import type { ErrorCategory, RetryClass } from "@holdfast/protocol";
import type { FailurePhase } from "./wire-failure.ts";

const brand = Symbol.for("@holdfast/client/S3Error");

/** One try of an operation, as an error remembers it. */
export interface AttemptRecord {
  /** Counted from 1. */
  readonly attempt: number;
  readonly errorCode: string;
  readonly statusCode?: number | undefined;
  readonly requestId?: string | undefined;
  /** The wait that followed it, in milliseconds; absent for the last. */
  readonly delayMs?: number | undefined;
}

/** What an operation acted on, for errors and events. Holds no secret. */
export interface OperationContext {
  readonly operation: string;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly region?: string | undefined;
  /** Scheme, host and port. */
  readonly endpoint?: string | undefined;
}

/** All that an error carries beside its message and cause. */
export interface S3ErrorFields extends OperationContext {
  readonly errorCode: string;
  readonly statusCode?: number | undefined;
  readonly category: ErrorCategory;
  readonly retry: RetryClass;
  readonly retryable: boolean;
  readonly retryAfter?: number | undefined;
  readonly requestId?: string | undefined;
  readonly hostId?: string | undefined;
  readonly codeInferred: boolean;
  readonly ambiguous: boolean;
  readonly phase?: FailurePhase | undefined;
  readonly details: Readonly<Record<string, string>>;
  readonly attempts: number;
  readonly history: readonly AttemptRecord[];
}

/** The root of every error that the client throws. */
export class S3Error extends Error implements S3ErrorFields {
  static {
    this.prototype.name = "S3Error";
  }

  /** The service's code, an errno, or one of the client's own. */
  readonly errorCode: string;
  /** The HTTP status, where there was an answer. */
  readonly statusCode: number | undefined;
  readonly category: ErrorCategory;
  readonly retry: RetryClass;
  /** Whether the same operation may succeed later without a change by the caller. */
  readonly retryable: boolean;
  /** When the service asked to come back, in seconds from the answer. */
  readonly retryAfter: number | undefined;
  readonly requestId: string | undefined;
  readonly hostId: string | undefined;
  /** Whether the code was read off the status because the answer had none, as with HEAD. */
  readonly codeInferred: boolean;
  /** Whether a write may have happened although it is reported as failed. */
  readonly ambiguous: boolean;
  readonly phase: FailurePhase | undefined;
  /** Other elements of the service's error document, secrets left out. */
  readonly details: Readonly<Record<string, string>>;
  readonly operation: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  /** How many requests were sent, or tried to be. */
  readonly attempts: number;
  readonly history: readonly AttemptRecord[];

  constructor(message: string, fields: S3ErrorFields, options?: ErrorOptions) {
    super(message, options);
    this.errorCode = fields.errorCode;
    this.statusCode = fields.statusCode;
    this.category = fields.category;
    this.retry = fields.retry;
    this.retryable = fields.retryable;
    this.retryAfter = fields.retryAfter;
    this.requestId = fields.requestId;
    this.hostId = fields.hostId;
    this.codeInferred = fields.codeInferred;
    this.ambiguous = fields.ambiguous;
    this.phase = fields.phase;
    this.details = fields.details;
    this.operation = fields.operation;
    this.bucket = fields.bucket;
    this.key = fields.key;
    this.region = fields.region;
    this.endpoint = fields.endpoint;
    this.attempts = fields.attempts;
    this.history = fields.history;
  }

  get [brand](): true {
    return true;
  }

  /** Holds across duplicate copies of this package, where `instanceof` does not. */
  static is(value: unknown): value is S3Error {
    return typeof value === "object" && value !== null && brand in value;
  }
}
