import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { algorithm, type CredentialScope } from "./credential-scope.ts";

/** What the signature of a request is made over. */
export function stringToSign(
  canonical: string,
  options: { readonly amzDate: string; readonly scope: CredentialScope },
): string {
  const digest = hash("sha256", Buffer.from(canonical, "latin1"));
  return `${algorithm}\n${options.amzDate}\n${options.scope.text}\n${digest}`;
}

/** The signature of a string, in lower-case hex. */
export function signText(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text, "latin1").digest("hex");
}

/** Compares two signatures in a time that tells nothing of either; their length is no secret. */
export function isSameSignature(computed: string, provided: string): boolean {
  const ours = Buffer.from(computed);
  const theirs = Buffer.from(provided);
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}
