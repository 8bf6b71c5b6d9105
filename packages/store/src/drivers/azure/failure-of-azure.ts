import { DriverFailure, type Failure, type FailureKind } from "../../errors/driver-failure.ts";
import { kindOfStatus } from "../kind-of-status.ts";
import { AzureError } from "./azure-error.ts";

/** Azure's codes that say more than the status they come with. */
const kinds: Readonly<Record<string, FailureKind>> = {
  AccountIsDisabled: "forbidden",
  AuthenticationFailed: "unauthenticated",
  AuthorizationFailure: "forbidden",
  AuthorizationPermissionMismatch: "forbidden",
  BlobAlreadyExists: "already-exists",
  BlobImmutableDueToPolicy: "forbidden",
  ConditionNotMet: "precondition-failed",
  ContainerBeingDeleted: "not-found",
  ContainerDisabled: "forbidden",
  CredentialUnavailableError: "unauthenticated",
  AuthenticationError: "unauthenticated",
  AuthenticationRequiredError: "unauthenticated",
  EmptyMetadataKey: "invalid-request",
  FeatureVersionMismatch: "unsupported",
  HeadersTimeout: "timeout",
  InsufficientAccountPermissions: "forbidden",
  InvalidAuthenticationInfo: "unauthenticated",
  InvalidBlockList: "conflict",
  InvalidResourceName: "invalid-path",
  KeyBasedAuthenticationNotPermitted: "forbidden",
  LeaseAlreadyPresent: "locked",
  LeaseIdMismatchWithBlobOperation: "locked",
  LeaseIdMissing: "locked",
  LeaseIsBreakingAndCannotBeAcquired: "locked",
  LeaseLost: "locked",
  LeaseNotPresentWithBlobOperation: "precondition-failed",
  Crc64Mismatch: "integrity",
  Md5Mismatch: "integrity",
  NoAuthenticationInformation: "unauthenticated",
  OperationTimedOut: "timeout",
  PendingCopyOperation: "locked",
  ServerBusy: "throttled",
  SourceConditionNotMet: "precondition-failed",
  TargetConditionNotMet: "precondition-failed",
};

const sentences: Readonly<Record<string, string>> = {
  InvalidBlockList:
    "Another upload of this file ended meanwhile, and Azure dropped the blocks of this one.",
  LeaseAlreadyPresent: "A lease is on the blob.",
  LeaseIdMissing: "A lease is on the blob.",
  SnapshotsPresent: "The blob has snapshots, which would go with it.",
};

/** Azure's codes of what passes, though the kind alone does not say so. */
const passing: ReadonlySet<string> = new Set(["InvalidBlockList"]);

/** What the driver rejected with: by Azure's code where that says more, else by the status. */
export function failureOfAzure(error: unknown): Failure {
  if (error instanceof DriverFailure) return error;
  if (!(error instanceof AzureError)) return { kind: "unknown", cause: error };
  const { code, status, requestId, retryAfter, ambiguous } = error;
  return {
    kind: kindOfAzure(error),
    message: code === undefined ? undefined : sentences[code],
    retryable: code !== undefined && passing.has(code) ? true : undefined,
    retryAfter,
    code,
    status,
    requestId,
    ambiguous,
    cause: error,
  };
}

/** Without an answer there is only the code of what broke. */
function kindOfAzure({ code, status }: AzureError): FailureKind {
  if (code !== undefined && Object.hasOwn(kinds, code)) return kinds[code] ?? "unknown";
  if (status !== undefined) return kindOfStatus(status);
  return code !== undefined &&
    /^E[A-Z_]+$|^REQUEST_SEND_ERROR$|^PARSE_ERROR$|^AbortError$/.test(code)
    ? "unavailable"
    : "unknown";
}
