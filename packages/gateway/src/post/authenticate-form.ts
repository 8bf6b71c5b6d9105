import {
  checkKey,
  checkPostPolicy,
  readAuthorization,
  readPolicySignature,
  readPostPolicy,
  s3Error,
  verifyPolicySignature,
  type SigningKeys,
} from "@holdfast/protocol";
import { checkHolds } from "../access/check-holds.ts";
import type { Control } from "../access/control.ts";
import type { Authenticated, Routed } from "../context.ts";
import { formKey, type PostedForm } from "./posted-form.ts";

/** What believing a form takes. */
export interface FormAuthentication {
  readonly control: Pick<Control, "credential">;
  readonly region: string;
  readonly keys: SigningKeys;
}

/**
 * Establishes who signed a form's policy, and that the form is what the policy allows; undefined when nobody signed. The
 * body is not bound to the signature: the policy says how many bytes it may have, and nothing else of them.
 */
export function authenticateForm(
  routed: Routed,
  form: PostedForm,
  { control, region, keys }: FormAuthentication,
): Authenticated | undefined {
  if (readAuthorization(routed, { region }) !== undefined) throw twoMechanisms();
  const presented = readPolicySignature(form.fields, { region });
  if (presented === undefined) return undefined;
  const { accessKeyId, policy } = presented;
  const claiming = Object.assign(routed, { accessKeyId });
  const credential = control.credential(accessKeyId);
  const { secretAccessKey: secret, sessionToken } = credential ?? {};
  verifyPolicySignature(presented, { secret, sessionToken, keys });
  if (credential === undefined) throw new TypeError("believed without a credential");
  checkHolds(credential, routed.receivedAt);
  const key = formKey(form);
  const fields = new Map([...form.fields, ["key", key]]);
  const { bucket, receivedAt: now } = routed;
  const fileSizes = checkPostPolicy(readPostPolicy(policy), { fields, bucket, now });
  checkKey(key);
  const principal = { kind: "credential", credential } as const;
  const payload = { kind: "unsigned" } as const;
  return Object.assign(claiming, { principal, region, payload, key, fileSizes });
}

function twoMechanisms(): Error {
  return s3Error("InvalidArgument", undefined, {
    message: "A form is signed in its fields, not in its Authorization header or its query.",
    extra: { ArgumentName: "Authorization", ArgumentValue: "***" },
    reason: "two_auth_mechanisms",
  });
}
