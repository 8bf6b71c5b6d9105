import { readAuthorization, s3Error, verify, type SigningKeys } from "@holdfast/protocol";
import type { Control } from "../access/control.ts";
import type { Authenticated, Routed } from "../context.ts";

interface Authentication {
  readonly control: Control;
  readonly region: string;
  readonly keys: SigningKeys;
}

/** Establishes who asks. There is no anonymous access: a request without a signature is refused. */
export function authenticate(routed: Routed, options: Authentication): Authenticated {
  const presented = readAuthorization(routed, { region: options.region });
  if (presented === undefined) {
    throw s3Error("AccessDenied", undefined, { reason: "anonymous" });
  }
  const credential = options.control.credential(presented.accessKeyId);
  const secret = credential?.secretAccessKey;
  const { region, keys } = options;
  const { accessKeyId, payload } = verify(presented, { secret, now: routed.receivedAt, keys });
  if (credential === undefined)
    throw s3Error("InvalidAccessKeyId", { AWSAccessKeyId: accessKeyId });
  const principal = { kind: "credential", credential } as const;
  return Object.assign(routed, { principal, accessKeyId, region, payload });
}
