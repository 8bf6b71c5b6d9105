import type { Credential } from "../access/credential.ts";
import type { Received } from "../context.ts";

/** Shorter than any signature, secret or token: what is cut of this length could stand anywhere. */
const secretLengthMin = 8;

/** What a request and the credential behind it have that no record may show, wherever else it was written. */
export function presentedSecrets(
  { headers, target }: Pick<Received, "headers" | "target">,
  credential: Credential | undefined,
): readonly string[] {
  const secrets: string[] = [];
  const keep = (secret: string | undefined): void => {
    if (secret !== undefined && secret.length >= secretLengthMin) secrets.push(secret);
  };
  keep(credential?.secretAccessKey);
  keep(credential?.sessionToken);
  const { authorization } = headers;
  if (authorization !== undefined) {
    keep(authorization.slice(authorization.lastIndexOf("=") + 1));
    keep(authorization);
  }
  const token = headers["x-amz-security-token"];
  if (typeof token === "string") keep(token);
  if (target.includes("X-Amz-")) {
    for (const [, value = ""] of target.matchAll(
      /[?&]X-Amz-(?:Signature|Security-Token)=([^&]*)/gi,
    )) {
      keep(value);
      keep(unescaped(value));
    }
  }
  return secrets;
}

/** The text with a mark in place of each secret. */
export function withoutSecrets(
  text: string | undefined,
  secrets: readonly string[],
): string | undefined {
  if (text === undefined) return undefined;
  let shown = text;
  for (const secret of secrets) {
    if (shown.includes(secret)) shown = shown.replaceAll(secret, "[secret]");
  }
  return shown;
}

function unescaped(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
