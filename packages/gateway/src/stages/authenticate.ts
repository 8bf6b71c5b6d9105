import { readAuthorization, s3Error, verify, type SigningKeys } from "@holdfast/protocol";
import type { Authenticated, Routed } from "../context.ts";

interface Authentication {
  readonly secretOf: (accessKeyId: string) => string | undefined;
  readonly region: string;
  readonly keys: SigningKeys;
}

/** Establishes who asks. There is no anonymous access: a request without a signature is refused. */
export function authenticate(routed: Routed, options: Authentication): Authenticated {
  const presented = readAuthorization(routed, { region: options.region });
  if (presented === undefined) {
    throw s3Error("AccessDenied", undefined, { reason: "anonymous" });
  }
  const secret = options.secretOf(presented.accessKeyId);
  const { region, keys } = options;
  const { accessKeyId, payload } = verify(presented, { secret, now: routed.receivedAt, keys });
  return Object.assign(routed, { accessKeyId, region, payload });
}
