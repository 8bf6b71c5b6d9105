import type { Credentials } from "./credentials.ts";
import { ServiceFailure } from "./service-failure.ts";

/** What a JSON document with credentials may call the session's token: services and programs differ. */
export type TokenName = "Token" | "SessionToken";

/** The fields of a JSON object, or undefined. What cannot be read is told nowhere: it may hold a secret. */
export function readJsonObject(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    return new Map(Object.entries(value));
  } catch {
    // The parser's message quotes what it read.
    return undefined;
  }
}

/** The credentials in such a document. Throws a `ServiceFailure` that names the field at fault. */
export function readCredentialFields(
  fields: ReadonlyMap<string, unknown>,
  tokenName: TokenName,
): Credentials {
  const accessKeyId = textOf(fields, "AccessKeyId");
  const secretAccessKey = textOf(fields, "SecretAccessKey");
  const expiration = textOf(fields, "Expiration");
  if (accessKeyId === undefined) throw new ServiceFailure("The answer has no AccessKeyId.", 200);
  if (secretAccessKey === undefined) {
    throw new ServiceFailure("The answer has no SecretAccessKey.", 200);
  }
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: textOf(fields, tokenName),
    expiration: expiration === undefined ? undefined : readExpiration(expiration),
  };
}

/** A time as credentials state it. Throws a `ServiceFailure`. */
export function readExpiration(text: string): Date {
  const expiration = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(expiration.getTime())) {
    throw new ServiceFailure("The answer's Expiration is no time.", 200);
  }
  return expiration;
}

function textOf(fields: ReadonlyMap<string, unknown>, name: string): string | undefined {
  const value = fields.get(name);
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw new ServiceFailure(`The answer's ${name} is no text.`, 200);
  return value;
}
