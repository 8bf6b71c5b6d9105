import type { SchemaPart } from "./schema-part.ts";

interface TenantTable {
  readonly name: string;
  readonly disabled: number;
  readonly created_at: number;
}

interface CredentialTable {
  readonly access_key_id: string;
  readonly tenant: string;
  /** Of a temporary credential: the one that it came from, and dies with. */
  readonly parent: string | null;
  readonly key_id: string;
  readonly sealed_secret: Uint8Array;
  readonly sealed_token: Uint8Array | null;
  readonly description: string;
  readonly disabled: number;
  readonly expires_at: number | null;
  readonly requests_per_second: number | null;
  readonly concurrency: number | null;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

interface GrantTable {
  readonly credential: string;
  readonly bucket: string;
  readonly prefix: string;
  /** With commas between them. */
  readonly verbs: string;
}

interface AttachmentTable {
  readonly bucket: string;
  readonly upstream: string;
  readonly remote_bucket: string;
  readonly created_at: number;
}

interface QuotaTable {
  readonly bucket: string;
  readonly soft_bytes: number | null;
  readonly hard_bytes: number | null;
}

interface AnonymousTable {
  readonly bucket: string;
  readonly requests_per_second: number;
}

interface CorsTable {
  readonly bucket: string;
  /** A JSON array. */
  readonly rules: string;
}

interface SealingKeyTable {
  readonly key_id: string;
  /** Something known, sealed: whether a master key is the one of that name. */
  readonly proof: Uint8Array;
}

/** What changed, in order and without a gap: by it every process keeps its snapshot. Written by triggers alone. */
interface ChangeTable {
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
}

export interface ControlTables {
  readonly tenants: TenantTable;
  readonly credentials: CredentialTable;
  readonly grants: GrantTable;
  readonly attachments: AttachmentTable;
  readonly quotas: QuotaTable;
  readonly anonymous: AnonymousTable;
  readonly cors: CorsTable;
  readonly sealing_keys: SealingKeyTable;
  readonly changes: ChangeTable;
}

/** The tables that a start looks through. */
export const checkedTables = [
  "tenants",
  "credentials",
  "grants",
  "attachments",
  "quotas",
  "anonymous",
  "cors",
  "sealing_keys",
  "changes",
] as const satisfies readonly (keyof ControlTables)[];

const tables = `
create table tenants (
  name text primary key,
  disabled integer not null check (disabled in (0, 1)),
  created_at integer not null
) strict;
create table credentials (
  access_key_id text primary key,
  tenant text not null references tenants (name) on delete cascade,
  parent text references credentials (access_key_id) on delete cascade,
  key_id text not null,
  sealed_secret blob not null,
  sealed_token blob,
  description text not null,
  disabled integer not null check (disabled in (0, 1)),
  expires_at integer,
  requests_per_second real,
  concurrency integer,
  created_at integer not null,
  last_used_at integer,
  check ((parent is null) = (sealed_token is null)),
  check (parent is null or expires_at is not null)
) strict;
create index credentials_by_tenant on credentials (tenant, access_key_id);
create index credentials_by_parent on credentials (parent) where parent is not null;
create index credentials_by_expiry on credentials (expires_at) where parent is not null;
create index credentials_by_key on credentials (key_id);
create table grants (
  credential text not null references credentials (access_key_id) on delete cascade,
  bucket text not null,
  prefix text not null,
  verbs text not null,
  primary key (credential, bucket, prefix)
) strict, without rowid;
create table attachments (
  bucket text primary key,
  upstream text not null,
  remote_bucket text not null,
  created_at integer not null,
  unique (upstream, remote_bucket)
) strict;
create table quotas (
  bucket text primary key,
  soft_bytes integer,
  hard_bytes integer,
  check (soft_bytes is not null or hard_bytes is not null)
) strict;
create table anonymous (
  bucket text primary key,
  requests_per_second real not null
) strict;
create table cors (
  bucket text primary key,
  rules text not null
) strict;
create table sealing_keys (
  key_id text primary key,
  proof blob not null
) strict;
create table changes (
  seq integer primary key autoincrement,
  kind text not null,
  name text not null
) strict;
`;

const credentialColumns =
  "tenant, parent, key_id, sealed_secret, sealed_token, disabled, expires_at, requests_per_second, concurrency";

/** Nobody can change a row and forget to say so, not even by hand. */
function told(table: string, kind: string, { by = "bucket", columns = "" } = {}): string {
  const insert = (which: string): string =>
    `begin insert into changes (kind, name) values ('${kind}', ${which}.${by}); end;`;
  const of = columns === "" ? "" : ` of ${columns}`;
  return `
create trigger ${table}_inserted after insert on ${table} ${insert("new")}
create trigger ${table}_updated after update${of} on ${table} ${insert("new")}
create trigger ${table}_deleted after delete on ${table} ${insert("old")}
`;
}

/** The tables of the control plane itself. */
export const controlSchema: SchemaPart = {
  name: "control",
  steps: [
    [
      tables,
      told("tenants", "tenant", { by: "name" }),
      told("credentials", "credential", { by: "access_key_id", columns: credentialColumns }),
      told("grants", "credential", { by: "credential" }),
      told("attachments", "attachment"),
      told("quotas", "quota"),
      told("anonymous", "anonymous"),
      told("cors", "cors"),
      told("sealing_keys", "sealing_key", { by: "key_id" }),
    ].join(""),
  ],
};
