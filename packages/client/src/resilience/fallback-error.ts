import { failureSentence } from "../errors/failure-sentence.ts";
import { S3Error } from "../errors/s3-error.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import { codeOf } from "./attempt-trail.ts";

/** What one source of a fallback failed with. */
export interface SourceFailure {
  readonly source: string;
  readonly error: unknown;
}

/**
 * No source of a fallback could answer. It speaks for the first, whose word counts: code, status and whether trying again
 * can help are those of its failure, which is the `cause`.
 *
 * Do as after the first source's failure. `failures` has those of all sources, in their order.
 */
export class FallbackError extends S3Error {
  static {
    this.prototype.name = "FallbackError";
  }

  readonly failures: readonly SourceFailure[];
  /** Whether no source answered; otherwise the last one said no, which the first was not there to confirm. */
  readonly isOutage: boolean;

  constructor(failures: readonly [SourceFailure, ...SourceFailure[]], isOutage: boolean) {
    const [{ error: cause }] = failures;
    const first = asS3Error(cause);
    super(failureSentence(first, "No source could answer."), first, { cause });
    this.failures = failures;
    this.isOutage = isOutage;
  }
}

function asS3Error(error: unknown): S3Error {
  if (S3Error.is(error)) return error;
  const context = { operation: "fallback" };
  return toS3Error({ code: codeOf(error) }, { context, history: [], ambiguous: false });
}
