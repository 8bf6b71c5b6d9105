import { summariseCauses } from "../errors/cause-summary.ts";
import { clientCodes } from "../errors/client-codes.ts";
import { failureSentence } from "../errors/failure-sentence.ts";
import {
  S3Error,
  type AttemptRecord,
  type OperationContext,
  type S3ErrorFields,
} from "../errors/s3-error.ts";

/** What a circuit breaker knows when it refuses. */
export interface CircuitRefusal {
  readonly context: OperationContext;
  readonly history: readonly AttemptRecord[];
  /** Whether a try before it may have been carried out. */
  readonly ambiguous: boolean;
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

  constructor(refusal: CircuitRefusal) {
    const { lastCause, remainingMs } = refusal;
    const fields = fieldsOf(refusal);
    const options = lastCause === undefined ? undefined : { cause: lastCause };
    super(failureSentence(fields, clientCodes.CircuitOpen.message), fields, options);
    this.retryAt = remainingMs === undefined ? undefined : new Date(Date.now() + remainingMs);
  }

  /** The last failure that the breaker counted: the `cause`. */
  get lastCause(): unknown {
    return this.cause;
  }
}

function fieldsOf(refusal: CircuitRefusal): S3ErrorFields {
  const { context, history, ambiguous, remainingMs, lastCause } = refusal;
  const { category, retry } = clientCodes.CircuitOpen;
  // What was isolated by hand opens by hand.
  const retryable = remainingMs !== undefined;
  return {
    ...context,
    errorCode: "CircuitOpen",
    category,
    retry: retryable ? retry : "never",
    retryable,
    retryAfter: remainingMs === undefined ? undefined : remainingMs / 1_000,
    codeInferred: false,
    ambiguous,
    details: {},
    attempts: history.length,
    history,
    causes: summariseCauses(lastCause),
  };
}
