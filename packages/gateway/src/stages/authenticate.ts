import { readAuthorization, verify, type SigningKeys } from "@holdfast/protocol";
import { admitAnonymous, type AnonymousAccess } from "../access/anonymous.ts";
import { checkHolds } from "../access/check-holds.ts";
import type { Control } from "../access/control.ts";
import { authenticateForm } from "../post/authenticate-form.ts";
import type { Authenticated, Routed } from "../context.ts";

interface Authentication {
  readonly control: Control;
  readonly region: string;
  readonly keys: SigningKeys;
  readonly anonymous: AnonymousAccess;
}

/** Establishes who asks. Without a trace of credentials it is anyone, and that is enough for few requests. */
export function authenticate(routed: Routed, options: Authentication): Authenticated {
  const { control, region, keys } = options;
  const { form } = routed;
  if (form !== undefined) {
    return authenticateForm(routed, form, options) ?? asAnonymous(routed, options);
  }
  const presented = readAuthorization(routed, { region });
  if (presented === undefined) return asAnonymous(routed, options);
  const { accessKeyId } = presented;
  // Before anything is believed: who looks into failures must see which key they are about.
  const claiming = Object.assign(routed, { accessKeyId });
  const credential = control.credential(accessKeyId);
  const { secretAccessKey: secret, sessionToken } = credential ?? {};
  const { payload } = verify(presented, { secret, sessionToken, now: routed.receivedAt, keys });
  if (credential === undefined) throw new TypeError("believed without a credential");
  // Whether a credential still holds is told to nobody but who has its secret.
  checkHolds(credential, routed.receivedAt);
  const principal = { kind: "credential", credential } as const;
  return Object.assign(claiming, { principal, region, payload });
}

function asAnonymous(routed: Routed, { region, anonymous }: Authentication): Authenticated {
  const principal = { kind: "anonymous" } as const;
  const payload = { kind: "unsigned" } as const;
  const request = Object.assign(routed, { principal, accessKeyId: undefined, region, payload });
  admitAnonymous(request, anonymous);
  return request;
}
