import type { ErrorCategory, RetryClass } from "@holdfast/protocol";
import { summariseCauses, type CauseSummary } from "./cause-summary.ts";
import type { FailurePhase } from "./wire-failure.ts";

const brand = Symbol.for("@holdfast/client/S3Error");
const inspected = Symbol.for("nodejs.util.inspect.custom");

/** Of a history in a log: its last entries. */
const historyMax = 20;

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
  /** Read off the cause where it is left out. */
  readonly causes?: readonly CauseSummary[] | undefined;
}

/** How an error goes into a log: its fields and its causes in words. No secret, at most some 20 KiB. */
export interface S3ErrorJson extends S3ErrorFields {
  readonly name: string;
  readonly message: string;
}

/**
 * The root of every error that the client throws.
 *
 * Read `errorCode`, `category` and `retryable`; they mean the same in every class.
 */
export class S3Error extends Error implements S3ErrorFields {
  static {
    this.prototype.name = "S3Error";
  }

  /** The service's code, an errno, or one of the client's own. */
  readonly errorCode: string;
  /** The HTTP status, where there was an answer. */
  readonly statusCode: number | undefined;
  readonly category: ErrorCategory;
  /** What has to happen before trying again can help. The client did once what it can do itself. */
  readonly retry: RetryClass;
  /** Whether the same call, unchanged, may succeed later. */
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
  /** The `cause` and its causes in words, safe to log where `cause` itself may not be. */
  readonly causes: readonly CauseSummary[];

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
    this.causes = fields.causes ?? summariseCauses(options?.cause);
  }

  get [brand](): true {
    return true;
  }

  /** Tells errors of the class it is called on; holds across duplicate copies of this package, where `instanceof` does not. */
  static is<E extends S3Error>(this: { readonly prototype: E }, value: unknown): value is E {
    return isOfClass(value, this.prototype.name);
  }

  /** Safe to log: without the stack, and of the cause only `causes`. */
  toJSON(): S3ErrorJson {
    return {
      name: this.name,
      message: this.message,
      errorCode: this.errorCode,
      statusCode: this.statusCode,
      operation: this.operation,
      bucket: this.bucket,
      key: this.key,
      category: this.category,
      retry: this.retry,
      retryable: this.retryable,
      retryAfter: this.retryAfter,
      ambiguous: this.ambiguous,
      codeInferred: this.codeInferred,
      phase: this.phase,
      requestId: this.requestId,
      hostId: this.hostId,
      region: this.region,
      endpoint: this.endpoint,
      details: this.details,
      attempts: this.attempts,
      history: this.history.slice(-historyMax),
      causes: this.causes,
    };
  }

  /** What `console.log` shows: the stack and the fields that say something. */
  [inspected](
    depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    if (depth < 0) return `[${this.name}: ${this.message}]`;
    const said = Object.entries(this.toJSON()).filter(
      ([name, value]) => name !== "name" && name !== "message" && !isEmpty(value),
    );
    return `${this.stack ?? this.message} ${inspect(Object.fromEntries(said), options)}`;
  }
}

/** Whether a value is an error of ours and a class of that name is among its own. Never fails, whatever it is given. */
function isOfClass(value: unknown, name: string): boolean {
  try {
    if (typeof value !== "object" || value === null || !(brand in value)) return false;
    let ancestor: unknown = Object.getPrototypeOf(value);
    while (typeof ancestor === "object" && ancestor !== null) {
      if (Object.hasOwn(ancestor, "name") && Reflect.get(ancestor, "name") === name) return true;
      ancestor = Object.getPrototypeOf(ancestor);
    }
    return false;
  } catch {
    return false;
  }
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === false) return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
