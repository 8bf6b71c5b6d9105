/**
 * What buckets with a quota hold, and who is about to change it. Keys are bytes: SQLite then orders them as S3 lists
 * them.
 */
export const usageSchema = `
create table if not exists quota_usage (
  bucket text primary key,
  used integer not null,
  reserved integer not null,
  is_counted integer not null,
  recount text,
  cursor blob,
  listed integer not null default 0
);
create table if not exists quota_slot (
  bucket text not null,
  object_key blob not null,
  upload_id text not null,
  part_number integer not null,
  counted integer,
  primary key (bucket, object_key, upload_id, part_number)
) without rowid;
create table if not exists quota_intent (
  id integer primary key,
  bucket text not null,
  object_key blob not null,
  upload_id text not null,
  part_number integer not null,
  owner text not null,
  reserved integer not null,
  disturbed integer not null,
  ended_at integer
);
create index if not exists quota_intent_slot on quota_intent (bucket, object_key, upload_id);
create index if not exists quota_intent_owner on quota_intent (owner, ended_at);
create table if not exists quota_touched (
  bucket text not null,
  object_key blob not null,
  before integer not null,
  counted integer not null,
  primary key (bucket, object_key)
) without rowid;
create table if not exists quota_boot (one integer primary key check (one = 1), boot text not null);
`;
