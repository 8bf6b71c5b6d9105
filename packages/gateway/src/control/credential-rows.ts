import type { Kysely } from "kysely";
import type { Verb } from "@holdfast/protocol";
import type { CredentialLimits } from "../access/credential.ts";
import type { ControlTables } from "./control-schema.ts";
import { parseVerbs, renderVerbs, verbs } from "./verbs.ts";

export interface GrantDescription {
  /** A bucket's name, or `*` for any. */
  readonly bucket: string;
  /** What keys begin with; empty for all of them. */
  readonly prefix: string;
  readonly verbs: readonly Verb[];
}

/** What may be told of a credential: everything but its secret. */
export interface CredentialDescription {
  readonly accessKeyId: string;
  readonly tenant: string;
  /** Of a temporary credential: the one it was made from, beyond which it cannot go. */
  readonly parent?: string | undefined;
  readonly grants: readonly GrantDescription[];
  readonly description: string;
  /** By itself; its tenant or parent can be disabled, too. */
  readonly disabled: boolean;
  /** Milliseconds since 1970, as are the following. */
  readonly expiresAt?: number | undefined;
  readonly limits?: CredentialLimits | undefined;
  readonly createdAt: number;
  /** To the minute. */
  readonly lastUsedAt?: number | undefined;
  /** The name of the master key that seals its secret. */
  readonly masterKey: string;
}

/** The columns of a credential, without what is sealed. */
const columns = [
  "access_key_id",
  "tenant",
  "parent",
  "key_id",
  "description",
  "disabled",
  "expires_at",
  "requests_per_second",
  "concurrency",
  "created_at",
  "last_used_at",
] as const;

interface Wanted {
  readonly tenant?: string | undefined;
  readonly after?: string | undefined;
  readonly only?: string | undefined;
  readonly limit: number;
}

/** Credentials in ascending order of their ids. */
export async function describeCredentials(
  kysely: Kysely<ControlTables>,
  { tenant, after, only, limit }: Wanted,
): Promise<CredentialDescription[]> {
  let query = kysely
    .selectFrom("credentials")
    .select(columns)
    .orderBy("access_key_id")
    .limit(limit);
  if (tenant !== undefined) query = query.where("tenant", "=", tenant);
  if (after !== undefined) query = query.where("access_key_id", ">", after);
  if (only !== undefined) query = query.where("access_key_id", "=", only);
  const rows = await query.execute();
  const grants = await grantsOf(
    kysely,
    rows.map((row) => row.access_key_id),
  );
  return rows.map((row) => ({
    accessKeyId: row.access_key_id,
    tenant: row.tenant,
    parent: row.parent ?? undefined,
    grants: grants.get(row.access_key_id) ?? [],
    description: row.description,
    disabled: row.disabled === 1,
    expiresAt: row.expires_at ?? undefined,
    limits: limitsOf(row),
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
    masterKey: row.key_id,
  }));
}

/** The limits in a row, or nothing if it has none. */
function limitsOf(row: {
  readonly requests_per_second: number | null;
  readonly concurrency: number | null;
}): CredentialLimits | undefined {
  const { requests_per_second: requests, concurrency } = row;
  if (requests === null && concurrency === null) return undefined;
  return { requestsPerSecond: requests ?? undefined, concurrency: concurrency ?? undefined };
}

async function grantsOf(
  kysely: Kysely<ControlTables>,
  ids: readonly string[],
): Promise<Map<string, GrantDescription[]>> {
  const grants = new Map<string, GrantDescription[]>();
  if (ids.length === 0) return grants;
  const rows = await kysely
    .selectFrom("grants")
    .selectAll()
    .where("credential", "in", ids)
    .orderBy("credential")
    .orderBy("bucket")
    .orderBy("prefix")
    .execute();
  for (const { credential, bucket, prefix, verbs: text } of rows) {
    const set = parseVerbs(text);
    const grant = { bucket, prefix, verbs: verbs.filter((verb) => set?.has(verb)) };
    grants.set(credential, [...(grants.get(credential) ?? []), grant]);
  }
  return grants;
}

/** Gives a credential these grants and no others; what is said twice of a place is put together. */
export async function writeGrants(
  tx: Kysely<ControlTables>,
  credential: string,
  grants: readonly GrantDescription[],
): Promise<void> {
  const places = new Map<string, GrantDescription>();
  for (const grant of grants) {
    const place = JSON.stringify([grant.bucket, grant.prefix]);
    const others = places.get(place)?.verbs ?? [];
    places.set(place, { ...grant, verbs: [...others, ...grant.verbs] });
  }
  await tx.deleteFrom("grants").where("credential", "=", credential).execute();
  const rows = [...places.values()].map((grant) => ({
    credential,
    bucket: grant.bucket,
    prefix: grant.prefix,
    verbs: renderVerbs(grant.verbs),
  }));
  await tx.insertInto("grants").values(rows).execute();
}
