import { parseAmzDate } from "../../dates.ts";
import { s3Error, type S3Error } from "../../errors/s3-error.ts";
import { checkAccessKeyId } from "../access-key-id.ts";
import type { AuthFailureReason } from "../auth-failures.ts";
import { checkSessionToken } from "../check-session-token.ts";
import { algorithm, readCredential, type CredentialScope } from "../credential-scope.ts";
import { signatureVersion2 } from "../signature-version-2.ts";
import type { SigningKeys } from "../signing-keys.ts";
import { isSameSignature, signText } from "../string-to-sign.ts";

/** What a form claims of who signed its policy, sound in form and not yet believed. */
export interface PresentedPolicy {
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
  /** As it stands in the form, in base64: what is signed. */
  readonly policy: string;
  readonly signature: string;
  readonly sessionToken: string | undefined;
}

/** The fields of a form by their names in lower case. */
export type FormFields = ReadonlyMap<string, string>;

const required = [
  "policy",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-signature",
] as const;

/** A date alone signs nothing; each of these claims to. */
const claims = [
  "policy",
  "signature",
  "awsaccesskeyid",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-security-token",
  "x-amz-signature",
];

/**
 * What a form claims, or undefined when nothing in it claims to sign. `InvalidArgument` for a claim that is not whole or
 * not well formed. Its date is not compared with the clock: the policy says itself until when it holds.
 */
export function readPolicySignature(
  fields: FormFields,
  options: { readonly region: string },
): PresentedPolicy | undefined {
  if (!claims.some((name) => fields.has(name))) return undefined;
  if (fields.has("awsaccesskeyid") || fields.has("signature")) throw signatureVersion2();
  const missing = required.find((name) => !fields.get(name));
  if (missing !== undefined) throw missingField(missing);
  const field = (name: (typeof required)[number]): string => fields.get(name) ?? "";
  // What is signed is bytes: of other characters, two policies could have one signature.
  if (!/^[\x20-\x7e\r\n]*$/.test(field("policy"))) {
    throw malformed("policy", "is not base64.", "malformed_component");
  }
  if (field("x-amz-algorithm") !== algorithm) {
    throw malformed("x-amz-algorithm", `must be ${algorithm}.`, "unsupported_algorithm");
  }
  const amzDate = field("x-amz-date");
  if (parseAmzDate(amzDate) === undefined) {
    throw malformed("x-amz-date", "must be a date of the form yyyyMMdd'T'HHmmss'Z'.", "malformed_date"); // prettier-ignore
  }
  const claimed = readCredential(field("x-amz-credential"), { region: options.region, amzDate });
  if ("reason" in claimed) {
    throw malformed("x-amz-credential", `is wrong: ${claimed.message}`, claimed.reason);
  }
  checkAccessKeyId(claimed.accessKeyId);
  return {
    ...claimed,
    policy: field("policy"),
    signature: field("x-amz-signature"),
    sessionToken: fields.get("x-amz-security-token"),
  };
}

/**
 * `InvalidAccessKeyId` when the secret is undefined, `SignatureDoesNotMatch` unless its holder signed the policy, and only to
 * who did `InvalidToken` unless the session token is the credential's.
 */
export function verifyPolicySignature(
  presented: PresentedPolicy,
  options: {
    readonly secret: string | undefined;
    /** Of a temporary credential. */
    readonly sessionToken: string | undefined;
    readonly keys: SigningKeys;
  },
): void {
  const { accessKeyId, policy, scope, signature } = presented;
  const { secret, keys } = options;
  if (secret === undefined) {
    const reason: AuthFailureReason = "unknown_access_key";
    throw s3Error("InvalidAccessKeyId", { AWSAccessKeyId: accessKeyId }, { reason });
  }
  if (!isSameSignature(signText(keys.derive(secret, scope), policy), signature)) {
    const reason: AuthFailureReason = "bad_signature";
    // A policy has a condition on the token, which is a secret.
    const StringToSign = presented.sessionToken === undefined ? policy : "***";
    throw s3Error(
      "SignatureDoesNotMatch",
      { AWSAccessKeyId: accessKeyId, StringToSign, SignatureProvided: signature },
      { reason },
    );
  }
  checkSessionToken(presented.sessionToken, options.sessionToken);
}

function missingField(name: string): S3Error {
  return s3Error("InvalidArgument", undefined, {
    message: `A signed form must have the field '${name}', ahead of the file.`,
    extra: { ArgumentName: name, ArgumentValue: "" },
    reason: "missing_parameter" satisfies AuthFailureReason,
  });
}

function malformed(name: string, fault: string, reason: AuthFailureReason): S3Error {
  return s3Error("InvalidArgument", undefined, {
    message: `The field '${name}' of the form ${fault}`,
    extra: { ArgumentName: name, ArgumentValue: "***" },
    reason,
  });
}
