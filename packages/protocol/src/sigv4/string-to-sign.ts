import { hash, timingSafeEqual } from "node:crypto";
import { algorithm, type CredentialScope } from "./credential-scope.ts";

const blockBytes = 64;

/** What the signature of a request is made over. */
export function stringToSign(
  canonical: string,
  options: { readonly amzDate: string; readonly scope: CredentialScope },
): string {
  const digest = hash("sha256", Buffer.from(canonical, "latin1"));
  return `${algorithm}\n${options.amzDate}\n${options.scope.text}\n${digest}`;
}

/**
 * The signature of a string with a derived key, in lower-case hex: HMAC-SHA256, without the object that OpenSSL makes for
 * one. What lies between the two hashes is a string, which costs less than a buffer does.
 */
export function signText(key: Buffer, text: string): string {
  const inner = hash("sha256", padded(key, 0x36, text), "binary");
  return hash("sha256", padded(key, 0x5c, inner));
}

/** A block of the key, as each of HMAC's two hashes begins with it, and what follows, a character a byte (RFC 2104). */
function padded(key: Buffer, pad: number, rest: string): Buffer {
  const bytes = Buffer.allocUnsafe(blockBytes + rest.length).fill(pad, 0, blockBytes);
  for (let index = 0; index < key.length; index += 1) bytes[index] = (key[index] ?? 0) ^ pad;
  bytes.write(rest, blockBytes, "latin1");
  return bytes;
}

/** Compares two signatures in a time that tells nothing of either; their length is no secret. */
export function isSameSignature(computed: string, provided: string): boolean {
  const ours = Buffer.from(computed);
  const theirs = Buffer.from(provided);
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}
