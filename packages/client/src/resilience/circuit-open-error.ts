import { clientCodes } from "../errors/client-codes.ts";
import { S3Error, type AttemptRecord, type OperationContext } from "../errors/s3-error.ts";

/** What a circuit breaker knows when it refuses. */
export interface CircuitRefusal {
  readonly context: OperationContext;
  readonly history: readonly AttemptRecord[];
  /** Until it may let a call through, in milliseconds; undefined while it is isolated by hand. */
  readonly remainingMs: number | undefined;
  readonly lastCause: unknown;
}

/**
 * The circuit breaker of the endpoint is open, so nothing was sent.
 *
 * Come back at `retryAt`, or answer without the service. `lastCause` is the failure that opened it.
 */
export class CircuitOpenError extends S3Error {
  static {
    this.prototype.name = "CircuitOpenError";
  }

  /** When the breaker may let a call through; undefined while it is isolated by hand. */
  readonly retryAt: Date | undefined;

  constructor({ context, history, remainingMs, lastCause }: CircuitRefusal) {
    const { message, category, retry } = clientCodes.CircuitOpen;
    super(
      message,
      {
        ...context,
        errorCode: "CircuitOpen",
        category,
        retry,
        retryable: false,
        retryAfter: remainingMs === undefined ? undefined : remainingMs / 1_000,
        codeInferred: false,
        ambiguous: false,
        details: {},
        attempts: history.length,
        history,
      },
      lastCause === undefined ? undefined : { cause: lastCause },
    );
    this.retryAt = remainingMs === undefined ? undefined : new Date(Date.now() + remainingMs);
  }

  /** The last failure that the breaker counted: the `cause`. */
  get lastCause(): unknown {
    return this.cause;
  }
}
