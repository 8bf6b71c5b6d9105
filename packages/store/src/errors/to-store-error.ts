import {
  Aborted,
  Closed,
  IntegrityError,
  ModifiedDuringRead,
  PreconditionFailed,
  QuotaExceeded,
  SourceFailed,
  Throttled,
} from "./added-classes.ts";
import {
  AlreadyExists,
  BackendUnavailable,
  CapabilityNotSupported,
  DirectoryNotEmpty,
  InvalidPath,
  NotFound,
  PermissionDenied,
  ResourceLocked,
  type CapabilityErrorFields,
  type LockErrorFields,
} from "./classes.ts";
import type { Failure, FailureKind } from "./driver-failure.ts";
import { RemoteStoreError } from "./remote-store-error.ts";

/** What was being done when it failed. */
export interface FailedCall {
  readonly operation: string;
  readonly backend: string;
  readonly path?: string | undefined;
  /** The capability that the operation needs. */
  readonly capability?: string | undefined;
  /** Whether it would have made something at the path. */
  readonly writes?: boolean | undefined;
  /** Whether it was to happen only where nothing is. */
  readonly creates?: boolean | undefined;
}

type ErrorFields = CapabilityErrorFields & LockErrorFields;
type ErrorClass = new (message: string, fields: ErrorFields) => RemoteStoreError;

interface Row {
  readonly is: ErrorClass;
  /** For a failure that brings no sentence of its own. */
  readonly message: string;
  readonly retryable?: true;
}

/** What each kind of failure is to the caller of a store: the one table. */
const rows: Readonly<Record<FailureKind, Row>> = {
  aborted: { is: Aborted, message: "The caller's signal ended the operation." },
  "already-exists": { is: AlreadyExists, message: "Something is at this path already." },
  cancelled: { is: BackendUnavailable, message: "The exchange was ended before its time." },
  closed: { is: Closed, message: "The store is closed." },
  conflict: { is: RemoteStoreError, message: "Another operation is under way at this path." },
  forbidden: { is: PermissionDenied, message: "The backend refuses this." },
  integrity: { is: IntegrityError, message: "The bytes are not what their checksum says." },
  "invalid-path": { is: InvalidPath, message: "The path is not one that can be used." },
  "invalid-request": { is: RemoteStoreError, message: "The backend does not accept this." },
  locked: { is: ResourceLocked, message: "Another session holds what is at this path." },
  modified: { is: ModifiedDuringRead, message: "The file was replaced while it was read." },
  "not-empty": { is: DirectoryNotEmpty, message: "The folder has something in it." },
  "not-found": { is: NotFound, message: "Nothing is at this path." },
  "not-modified": { is: PreconditionFailed, message: "The file is as it was." },
  "precondition-failed": {
    is: PreconditionFailed,
    message: "The file is not the one that was named.",
  },
  "quota-exceeded": { is: QuotaExceeded, message: "There is no room left." },
  redirect: { is: BackendUnavailable, message: "The backend is at another place." },
  "source-failed": { is: SourceFailed, message: "The source of the bytes failed." },
  throttled: { is: Throttled, message: "The backend asks for fewer requests.", retryable: true },
  timeout: { is: BackendUnavailable, message: "The backend took too long.", retryable: true },
  unauthenticated: { is: PermissionDenied, message: "The credentials are not accepted." },
  unavailable: { is: BackendUnavailable, message: "The backend failed.", retryable: true },
  "under-file": { is: NotFound, message: "Something above this path is a file." },
  unknown: { is: RemoteStoreError, message: "The backend failed in a way that has no name." },
  unsupported: { is: CapabilityNotSupported, message: "The backend cannot do this." },
  "wrong-type": { is: InvalidPath, message: "The path names the other kind of thing." },
};

/**
 * The one place that makes a store's error: of what a driver reports and the operation that it befell. Its stack has the
 * frames above this function.
 */
export function toStoreError(failure: Failure, call: FailedCall): RemoteStoreError {
  const row = rows[kindIn(failure.kind, call)];
  const error = new row.is(failure.message || row.message, {
    path: failure.path ?? call.path,
    backend: call.backend,
    operation: call.operation,
    retryable: failure.retryable ?? row.retryable ?? false,
    retryAfter: failure.retryAfter,
    code: failure.code,
    status: failure.status,
    requestId: failure.requestId,
    ambiguous: failure.ambiguous,
    capability: failure.capability ?? call.capability ?? call.operation,
    lockOwner: failure.lockOwner,
    cause: failure.cause,
  });
  Error.captureStackTrace(error, toStoreError);
  return error;
}

/** Two kinds are not the same to every operation. */
function kindIn(kind: FailureKind, { creates, writes }: FailedCall): FailureKind {
  if (kind === "precondition-failed" && creates === true) return "already-exists";
  if (kind === "under-file" && writes === true) return "wrong-type";
  return kind;
}
