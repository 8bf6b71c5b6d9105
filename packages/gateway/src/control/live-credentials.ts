import type { Credential } from "../access/credential.ts";
import type { MasterKeys } from "./master-keys.ts";
import { overlap } from "./covers.ts";
import { unseal } from "./sealing.ts";
import type { Snapshot } from "./snapshot.ts";
import type { StoredCredential } from "./sources.ts";

interface Live {
  /** What it was made from, to see whether that is still what holds. */
  readonly from: readonly unknown[];
  /** Undefined when its secret does not open. */
  readonly credential: Credential | undefined;
}

/** Credentials as requests see them: unsealed when first asked for, and as good as their tenant and parent are now. */
export class LiveCredentials {
  readonly #snapshot: Snapshot;
  readonly #keys: MasterKeys;
  readonly #made = new WeakMap<StoredCredential, Live>();
  readonly #unopened = new Set<string>();

  constructor(snapshot: Snapshot, keys: MasterKeys) {
    this.#snapshot = snapshot;
    this.#keys = keys;
  }

  /** That a secret does not open, of a credential that somebody used. */
  get failure(): Error | undefined {
    for (const id of this.#unopened) {
      if (this.#snapshot.credentials.get(id) !== undefined) {
        return new Error(`the secret of ${id} opens under no master key`);
      }
    }
    return undefined;
  }

  get(accessKeyId: string): Credential | undefined {
    const stored = this.#snapshot.credentials.get(accessKeyId);
    if (stored === undefined) return undefined;
    const { tenant, parent, key_id } = stored.row;
    const from = [
      this.#snapshot.tenants.get(tenant),
      parent === null ? undefined : this.#snapshot.credentials.get(parent),
      this.#keys.find(key_id),
    ];
    const kept = this.#made.get(stored);
    if (kept?.from.every((one, index) => one === from[index])) return kept.credential;
    const credential = this.#make(stored);
    if (credential === undefined) this.#unopened.add(accessKeyId);
    else this.#unopened.delete(accessKeyId);
    this.#made.set(stored, { from, credential });
    return credential;
  }

  #make(stored: StoredCredential): Credential | undefined {
    const { row } = stored;
    const secretAccessKey = this.#open(stored, "secret", row.sealed_secret);
    const sessionToken =
      row.sealed_token === null ? undefined : this.#open(stored, "token", row.sealed_token);
    const tokenMissing = row.sealed_token !== null && sessionToken === undefined;
    if (secretAccessKey === undefined || tokenMissing) return undefined;
    const tenant = this.#snapshot.tenants.get(row.tenant);
    const own: Credential = {
      accessKeyId: row.access_key_id,
      secretAccessKey,
      sessionToken,
      tenant: row.tenant,
      grants: stored.grants,
      disabled: row.disabled || tenant === undefined || tenant.disabled,
      expiresAt: row.expires_at ?? undefined,
      limits: {
        requestsPerSecond: row.requests_per_second ?? undefined,
        concurrency: row.concurrency ?? undefined,
      },
    };
    return row.parent === null ? own : this.#within(own, row.parent);
  }

  /** A temporary credential can never do more, nor longer, than what its parent can at that moment. */
  #within(own: Credential, parentId: string): Credential {
    const parent = this.#snapshot.credentials.get(parentId);
    if (parent === undefined) return { ...own, disabled: true };
    const expiresAt = Math.min(own.expiresAt ?? Infinity, parent.row.expires_at ?? Infinity);
    return {
      ...own,
      disabled: own.disabled || parent.row.disabled,
      expiresAt,
      grants: own.grants === "all" ? parent.grants : overlap(own.grants, parent.grants),
      limits: {
        requestsPerSecond: parent.row.requests_per_second ?? undefined,
        concurrency: parent.row.concurrency ?? undefined,
      },
    };
  }

  #open(
    { row }: StoredCredential,
    kind: "secret" | "token",
    sealed: Uint8Array,
  ): string | undefined {
    const key = this.#keys.find(row.key_id);
    return key === undefined ? undefined : unseal(sealed, key, { kind, name: row.access_key_id });
  }
}
