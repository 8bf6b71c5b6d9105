import type * as v from "valibot";
import type { CorsRule } from "@holdfast/protocol";
import type { AnonymousBinding, Attachment } from "../access/control.ts";
import type { Grant } from "../access/credential.ts";
import type { Source } from "./collection.ts";
import type { Reader } from "./reader.ts";
import { rowSchemas, type CredentialRow, type GrantRow } from "./rows.ts";

/** The most that may be stored in a bucket. */
export interface Quota {
  /** From here on it is told. */
  readonly softBytes?: number | undefined;
  /** More than this is refused. */
  readonly hardBytes?: number | undefined;
}

/** A credential as its rows have it, its secret still sealed. */
export interface StoredCredential {
  readonly row: CredentialRow;
  readonly grants: readonly Grant[];
}

interface Table<S extends v.GenericSchema, T> {
  readonly table: string;
  readonly key: string;
  readonly schema: S;
  readonly name: (row: v.InferOutput<S>) => string;
  readonly thing: (row: v.InferOutput<S>) => T;
}

function tableSource<S extends v.GenericSchema, T>({
  table,
  key,
  schema,
  name,
  thing,
}: Table<S, T>): Source<T> {
  const all = `select * from ${table}`;
  const one = `${all} where ${key} = ?`;
  return {
    all: (reader) => new Map(reader.rows(schema, all).map((row) => [name(row), thing(row)])),
    one: (reader, wanted) => reader.rows(schema, one, wanted).map((row) => thing(row))[0],
  };
}

const credentialRows = tableSource({
  table: "credentials",
  key: "access_key_id",
  schema: rowSchemas.credential,
  name: (row) => row.access_key_id,
  thing: (row) => row,
});

const grantOf = ({ bucket, prefix, verbs }: GrantRow): Grant => ({ bucket, prefix, verbs });

function allCredentials(reader: Reader): Map<string, StoredCredential> {
  const grants = new Map<string, Grant[]>();
  for (const row of reader.rows(rowSchemas.grant, "select * from grants")) {
    const list = grants.get(row.credential);
    if (list === undefined) grants.set(row.credential, [grantOf(row)]);
    else list.push(grantOf(row));
  }
  return new Map(
    [...credentialRows.all(reader)].map(([id, row]) => [id, { row, grants: grants.get(id) ?? [] }]),
  );
}

function oneCredential(reader: Reader, id: string): StoredCredential | undefined {
  const row = credentialRows.one(reader, id);
  if (row === undefined) return undefined;
  const grants = reader.rows(rowSchemas.grant, "select * from grants where credential = ?", id);
  return { row, grants: grants.map((grant) => grantOf(grant)) };
}

/** Where each kind of thing is in the database. */
export const sources = {
  sealing_key: tableSource({
    table: "sealing_keys",
    key: "key_id",
    schema: rowSchemas.sealingKey,
    name: (row) => row.key_id,
    thing: (row) => row.key_id,
  }),
  tenant: tableSource({
    table: "tenants",
    key: "name",
    schema: rowSchemas.tenant,
    name: ({ name }) => name,
    thing: ({ disabled }) => ({ disabled }),
  }),
  credential: { all: allCredentials, one: oneCredential },
  attachment: tableSource({
    table: "attachments",
    key: "bucket",
    schema: rowSchemas.attachment,
    name: ({ bucket }) => bucket,
    thing: ({ bucket, upstream, remote_bucket, created_at }): Attachment => ({
      bucket,
      upstream,
      remoteBucket: remote_bucket,
      createdAt: created_at,
    }),
  }),
  quota: tableSource({
    table: "quotas",
    key: "bucket",
    schema: rowSchemas.quota,
    name: ({ bucket }) => bucket,
    thing: ({ soft_bytes, hard_bytes }): Quota => ({
      softBytes: soft_bytes ?? undefined,
      hardBytes: hard_bytes ?? undefined,
    }),
  }),
  anonymous: tableSource({
    table: "anonymous",
    key: "bucket",
    schema: rowSchemas.anonymous,
    name: ({ bucket }) => bucket,
    thing: ({ requests_per_second }): AnonymousBinding => ({
      requestsPerSecond: requests_per_second,
    }),
  }),
  cors: tableSource({
    table: "cors",
    key: "bucket",
    schema: rowSchemas.cors,
    name: ({ bucket }) => bucket,
    thing: ({ rules }): readonly CorsRule[] => rules,
  }),
} as const;
