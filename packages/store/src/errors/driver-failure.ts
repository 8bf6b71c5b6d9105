import type { ErrorCategory } from "@holdfast/protocol";

/**
 * What went wrong, in the catalogue's categories and those that only a store can tell apart:
 *
 * - `aborted`, `closed`: the caller ended the operation, or the store.
 * - `modified`: the file was replaced while it was read.
 * - `not-empty`: the folder has something in it.
 * - `source-failed`: the caller's own source of bytes failed.
 * - `under-file`: something above the path is a file.
 * - `unknown`: the driver cannot say.
 * - `wrong-type`: a folder where a file is needed, or a file where a folder is.
 */
export type FailureKind =
  | ErrorCategory
  | "aborted"
  | "closed"
  | "modified"
  | "not-empty"
  | "source-failed"
  | "under-file"
  | "unknown"
  | "wrong-type";

/** What a driver knows of a failure, before anyone says what it means to a caller. */
export interface Failure {
  readonly kind: FailureKind;
  /** One sentence, without a secret. */
  readonly message?: string | undefined;
  /** Left out, it is read off the kind. */
  readonly retryable?: boolean | undefined;
  /** In seconds. */
  readonly retryAfter?: number | undefined;
  /** As the service or the system names it: `SlowDown`, `ENOSPC`. */
  readonly code?: string | undefined;
  /** Of HTTP, where there was an answer. */
  readonly status?: number | undefined;
  /** Under which the service finds it in its logs. */
  readonly requestId?: string | undefined;
  /** Whether what was asked for may have happened all the same. Left out, it has not. */
  readonly ambiguous?: boolean | undefined;
  /** What the backend lacks. */
  readonly capability?: string | undefined;
  /** Who holds what is locked. */
  readonly lockOwner?: string | undefined;
  /** Of several paths, the one that it is about, as the caller named it. */
  readonly path?: string | undefined;
  readonly cause?: unknown;
}

/** A failure on its way to the one place that makes errors of it. Callers never see it. */
export class DriverFailure extends Error implements Failure {
  static {
    this.prototype.name = "DriverFailure";
  }

  readonly kind: FailureKind;
  readonly retryable: boolean | undefined;
  readonly retryAfter: number | undefined;
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly ambiguous: boolean | undefined;
  readonly capability: string | undefined;
  readonly lockOwner: string | undefined;
  readonly path: string | undefined;

  constructor(failure: Failure) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.kind = failure.kind;
    this.retryable = failure.retryable;
    this.retryAfter = failure.retryAfter;
    this.code = failure.code;
    this.status = failure.status;
    this.requestId = failure.requestId;
    this.ambiguous = failure.ambiguous;
    this.capability = failure.capability;
    this.lockOwner = failure.lockOwner;
    this.path = failure.path;
  }
}
