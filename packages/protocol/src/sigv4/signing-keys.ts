import { createHmac, hash } from "node:crypto";
import type { CredentialScope } from "./credential-scope.ts";

/**
 * A bounded cache of derived keys, the least recently used going first. A key is found by the hash
 * of its secret, so a rotated secret never meets the key of its predecessor.
 */
export class SigningKeys {
  readonly #keys = new Map<string, Buffer>();
  readonly #limit: number;
  #last: { readonly secret: string; readonly scope: string; readonly key: Buffer } | undefined;

  /** `limit` is in keys. */
  constructor(limit = 1024) {
    this.#limit = limit;
  }

  /** How many keys are held at present. */
  get size(): number {
    return this.#keys.size;
  }

  /** The key of a secret for a scope, derived at most once while it is held. */
  derive(secret: string, scope: CredentialScope): Buffer {
    // Most requests are signed as the one before.
    const last = this.#last;
    if (last?.secret === secret && last.scope === scope.text) return last.key;
    const name = `${hash("sha256", secret)}/${scope.text}`;
    const held = this.#keys.get(name);
    if (held !== undefined) this.#keys.delete(name);
    const key = held ?? deriveKey(secret, scope);
    this.#keys.set(name, key);
    if (this.#keys.size > this.#limit) {
      const [oldest = name] = this.#keys.keys();
      this.#keys.delete(oldest);
    }
    this.#last = { secret, scope: scope.text, key };
    return key;
  }
}

/** The signing key of SigV4: a chain of HMACs over the parts of the scope. */
function deriveKey(secret: string, scope: CredentialScope): Buffer {
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of scope.text.split("/")) key = createHmac("sha256", key).update(part).digest();
  return key;
}
