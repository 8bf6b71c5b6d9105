import type { Verb } from "@holdfast/protocol";
import type { Credential, Grant } from "./credential.ts";

/** A grant as it is asked: the verbs as bits. */
interface Rule {
  readonly prefix: string;
  readonly verbs: number;
}

const bits: Readonly<Record<Verb, number>> = { read: 1, write: 2, list: 4, delete: 8, manage: 16 };
const everything: readonly Rule[] = [{ prefix: "", verbs: 31 }];
const anyBucket = "*";

/** What grants add up to, in a form that answers in well under a microsecond. Without a grant, nothing is allowed. */
export class Scope {
  readonly #rules: ReadonlyMap<string, readonly Rule[]>;
  readonly #ofAnyBucket: readonly Rule[];
  /** The buckets that are granted by name, in ascending order; undefined when any bucket is. */
  readonly buckets: readonly string[] | undefined;

  constructor(grants: readonly Grant[] | "all") {
    const byBucket = grants === "all" ? new Map([[anyBucket, everything]]) : rulesOf(grants);
    const ofAny = byBucket.get(anyBucket);
    byBucket.delete(anyBucket);
    this.#ofAnyBucket = ofAny ?? [];
    this.buckets = ofAny === undefined ? [...byBucket.keys()].toSorted() : undefined;
    if (ofAny !== undefined) {
      for (const [bucket, rules] of byBucket) byBucket.set(bucket, [...rules, ...ofAny]);
    }
    this.#rules = byBucket;
  }

  /** Whether the verb is granted on a key; on the bucket itself the key is empty, and so must the prefix of the grant be. */
  allows(verb: Verb, bucket: string, key: string): boolean {
    const bit = bits[verb];
    for (const { prefix, verbs } of this.#rulesOf(bucket)) {
      if ((verbs & bit) !== 0 && key.startsWith(prefix)) return true;
    }
    return false;
  }

  /** Whether the verb is granted on some keys of a bucket, which remain to be asked for one by one. */
  allowsSome(verb: Verb, bucket: string): boolean {
    return this.#rulesOf(bucket).some(({ verbs }) => (verbs & bits[verb]) !== 0);
  }

  /** Whether anything at all is granted on a bucket: who has nothing may not learn whether it exists. */
  knows(bucket: string): boolean {
    return this.#rulesOf(bucket).length > 0;
  }

  #rulesOf(bucket: string): readonly Rule[] {
    return this.#rules.get(bucket) ?? this.#ofAnyBucket;
  }
}

function rulesOf(grants: readonly Grant[]): Map<string, readonly Rule[]> {
  const byBucket = new Map<string, readonly Rule[]>();
  for (const { bucket, prefix, verbs: granted } of grants) {
    let verbs = 0;
    for (const verb of granted) verbs |= bits[verb];
    if (verbs === 0) continue;
    byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), { prefix, verbs }]);
  }
  return byBucket;
}

const scopes = new WeakMap<Credential, Scope>();

/** What a credential may do, worked out at its first request. */
export function scopeOf(credential: Credential): Scope {
  const known = scopes.get(credential);
  if (known !== undefined) return known;
  const scope = new Scope(credential.grants);
  scopes.set(credential, scope);
  return scope;
}
