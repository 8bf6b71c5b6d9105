import { randomBytes } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** `AKIA` or, of a temporary credential, `ASIA`, as AWS has them, and 80 random bits in base32. */
export function freshAccessKeyId(temporary: boolean): string {
  // 256 is a multiple of 32: no letter is likelier than another.
  const letters = [...randomBytes(16)].map((byte) => alphabet.charAt(byte % alphabet.length));
  return `${temporary ? "ASIA" : "AKIA"}${letters.join("")}`;
}

/** 240 random bits in 40 characters, of which the first is no hyphen: command lines would take it for an option. */
export function freshSecret(): string {
  for (;;) {
    const secret = randomBytes(30).toString("base64url");
    if (!secret.startsWith("-")) return secret;
  }
}

/** What a temporary credential shows beside its signature. */
export function freshSessionToken(): string {
  return randomBytes(48).toString("base64url");
}
