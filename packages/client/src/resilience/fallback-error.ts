import { S3Error } from "../errors/s3-error.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import { codeOf } from "./attempt-trail.ts";

/** What one source of a fallback failed with. */
export interface SourceFailure {
  readonly source: string;
  readonly error: unknown;
}

/**
 * No source could answer. Speaks for the first, which is the one that knows: code, status and whether trying again can
 * help are those of its failure, which is the `cause`. `failures` has all, in the order of the sources.
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
    super("No source could answer.", asS3Error(cause), { cause });
    this.failures = failures;
    this.isOutage = isOutage;
  }
}

function asS3Error(error: unknown): S3Error {
  if (S3Error.is(error)) return error;
  const context = { operation: "fallback" };
  return toS3Error({ code: codeOf(error) }, { context, history: [], ambiguous: false });
}
