import {
  readAuthorization,
  s3Error,
  verify,
  type AuthFailureReason,
  type S3Error,
  type SigningKeys,
} from "@holdfast/protocol";
import type { Control } from "../access/control.ts";
import type { Credential } from "../access/credential.ts";
import type { Authenticated, Routed } from "../context.ts";

interface Authentication {
  readonly control: Control;
  readonly region: string;
  readonly keys: SigningKeys;
}

/** Establishes who asks. There is no anonymous access: a request without a signature is refused. */
export function authenticate(routed: Routed, options: Authentication): Authenticated {
  const { control, region, keys } = options;
  const presented = readAuthorization(routed, { region });
  if (presented === undefined) {
    throw s3Error("AccessDenied", undefined, { reason: "anonymous" });
  }
  const { accessKeyId } = presented;
  // Before anything is believed: who looks into failures must see which key they are about.
  const claiming = Object.assign(routed, { accessKeyId });
  const credential = control.credential(accessKeyId);
  const { secretAccessKey: secret, sessionToken } = credential ?? {};
  const { payload } = verify(presented, { secret, sessionToken, now: routed.receivedAt, keys });
  if (credential === undefined) throw notKnown(accessKeyId, { reason: "unknown_access_key" });
  // Whether a credential still holds is told to nobody but who has its secret.
  checkHolds(credential, routed.receivedAt);
  const principal = { kind: "credential", credential } as const;
  return Object.assign(claiming, { principal, region, payload });
}

function checkHolds(credential: Credential, now: number): void {
  const { accessKeyId, disabled, expiresAt, sessionToken } = credential;
  if (disabled) {
    throw notKnown(accessKeyId, { reason: "disabled", message: "The access key is disabled." });
  }
  if (expiresAt === undefined || now < expiresAt) return;
  const reason: AuthFailureReason = "expired";
  if (sessionToken !== undefined) throw s3Error("ExpiredToken", undefined, { reason });
  throw s3Error("AccessDenied", undefined, { message: "The access key has expired.", reason });
}

function notKnown(
  accessKeyId: string,
  why: { readonly reason: AuthFailureReason; readonly message?: string },
): S3Error {
  return s3Error("InvalidAccessKeyId", { AWSAccessKeyId: accessKeyId }, why);
}
