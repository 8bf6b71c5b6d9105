import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from "node:crypto";

const version = 1;
const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/** A key by its name. */
export interface MasterKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** What a sealed text is bound to: it opens nowhere else, not in another row and not under another name of the key. */
export interface SealedPlace {
  readonly kind: "proof" | "secret" | "token";
  /** The row's own name. */
  readonly name: string;
}

/** Version, nonce, ciphertext and tag, by AES-256-GCM. */
export function seal(text: string, { id, key }: MasterKey, place: SealedPlace): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(boundTo(id, place));
  const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(version), nonce, ciphertext, cipher.getAuthTag()]);
}

/** The text, or nothing when a single bit of what was sealed, of the key, or of the place is another. */
export function unseal(
  sealed: Uint8Array,
  { id, key }: MasterKey,
  place: SealedPlace,
): string | undefined {
  const textAt = 1 + nonceBytes;
  const tagAt = sealed.length - tagBytes;
  if (tagAt < textAt || sealed[0] !== version) return undefined;
  const nonce = sealed.subarray(1, textAt);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(boundTo(id, place));
  decipher.setAuthTag(sealed.subarray(tagAt));
  const text = decipher.update(sealed.subarray(textAt, tagAt));
  try {
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

function boundTo(keyId: string, { kind, name }: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify([version, keyId, kind, name]));
}
