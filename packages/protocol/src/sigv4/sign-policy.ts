import { algorithm } from "./credential-scope.ts";
import { SigningKeys } from "./signing-keys.ts";
import { signingContext, type SigningOptions } from "./signing-options.ts";
import { signText } from "./string-to-sign.ts";

type PolicyOptions = Omit<SigningOptions, "keys"> & { readonly keys?: SigningKeys };

/**
 * The form fields that say who signs a POST policy and when. The policy must have a condition on each of them
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html).
 */
export function policySignerFields(options: PolicyOptions): Record<string, string> {
  const { accessKeyId, sessionToken } = options.credentials;
  const { amzDate, scope } = signingContext(options);
  return {
    "x-amz-algorithm": algorithm,
    "x-amz-credential": `${accessKeyId}/${scope.text}`,
    "x-amz-date": amzDate,
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
  };
}

/** The form fields of a POST policy, JSON as it is, and of its signature. */
export function signPolicy(policy: string, options: PolicyOptions): Record<string, string> {
  const { credentials, keys = new SigningKeys(1) } = options;
  const { scope } = signingContext(options);
  const encoded = Buffer.from(policy).toString("base64");
  const key = keys.derive(credentials.secretAccessKey, scope);
  return { policy: encoded, "x-amz-signature": signText(key, encoded) };
}
