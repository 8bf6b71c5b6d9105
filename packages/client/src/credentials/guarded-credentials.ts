import type { Credentials } from "./credentials.ts";
import { credentialsUnavailable } from "./credentials-unavailable.ts";

/** Credentials whose secrets are read by name alone: neither `inspect` nor JSON nor a copy of their fields has them. */
class GuardedCredentials implements Credentials {
  readonly accessKeyId: string;
  readonly expiration: Date | undefined;
  readonly #secretAccessKey: string;
  readonly #sessionToken: string | undefined;

  constructor({ accessKeyId, secretAccessKey, sessionToken, expiration }: Credentials) {
    this.accessKeyId = accessKeyId;
    this.expiration = expiration;
    this.#secretAccessKey = secretAccessKey;
    this.#sessionToken = sessionToken;
  }

  get secretAccessKey(): string {
    return this.#secretAccessKey;
  }

  get sessionToken(): string | undefined {
    return this.#sessionToken;
  }

  // Asked for hidden things and getters at once, inspect would call those above.
  [Symbol.for("nodejs.util.inspect.custom")](): object {
    return { accessKeyId: this.accessKeyId, expiration: this.expiration };
  }
}

const inHeader = /^[\x21-\x7e]+$/;
// A line end that came along from a file is the usual reason for a signature that does not match.
const strayEdge = /^\s|\s$|[\0\r\n]/;

/** Takes what a source came up with, or rejects what can sign nothing, without telling any of it. */
export function guardCredentials(found: unknown): Credentials {
  if (typeof found !== "object" || found === null) throw malformed("they are no object");
  const accessKeyId = textOf(found, "accessKeyId");
  const secretAccessKey = textOf(found, "secretAccessKey");
  const sessionToken = textOf(found, "sessionToken");
  if (accessKeyId === undefined) throw malformed("the access key id is missing");
  if (!inHeader.test(accessKeyId)) throw malformed("the access key id has white space in it");
  if (secretAccessKey === undefined) throw malformed("the secret access key is missing");
  if (strayEdge.test(secretAccessKey)) {
    throw malformed("the secret access key begins or ends with white space, or has a line end");
  }
  if (sessionToken !== undefined && !inHeader.test(sessionToken)) {
    throw malformed("the session token has white space in it");
  }
  const expiration = expirationOf(found);
  return new GuardedCredentials({ accessKeyId, secretAccessKey, sessionToken, expiration });
}

function textOf(found: object, name: string): string | undefined {
  const value: unknown = Reflect.get(found, name);
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw malformed(`${name} is no text`);
  return value;
}

function expirationOf(found: object): Date | undefined {
  const value: unknown = Reflect.get(found, "expiration");
  if (value === undefined || value === null) return undefined;
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
    throw malformed("their expiration is no date");
  }
  return new Date(value);
}

function malformed(problem: string): Error {
  return credentialsUnavailable(`The credentials cannot be used: ${problem}.`);
}
