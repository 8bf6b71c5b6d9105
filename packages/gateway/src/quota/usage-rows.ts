import type Libsql from "libsql";
import type { Slot } from "./slot.ts";

/** What a bucket holds, and what is set aside for those who write. */
export interface Usage {
  readonly usedBytes: number;
  readonly reservedBytes: number;
}

/** One change of one slot that was begun and has not been settled. */
export interface Intent {
  readonly id: number;
  readonly slot: Slot;
}

/** One that nobody is at work on any more. */
export interface EndedIntent extends Intent {
  /** Milliseconds since 1970. */
  readonly endedAt: number;
}

type Statement = Libsql.Statement;
type Value = string | number | Buffer | null;

/**
 * The rows of one database, for use within its transactions alone. The first parameter of a statement is never bytes:
 * the binding would take them for named parameters and end the process.
 */
export class UsageRows {
  readonly #database: Libsql.Database;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Libsql.Database) {
    this.#database = database;
  }

  /** Undefined for a bucket that was never counted. */
  usage(bucket: string): Usage | undefined {
    const row = this.#row(
      "select used, reserved from quota_usage where bucket = ? and is_counted",
      bucket,
    );
    if (row === undefined) return undefined;
    return { usedBytes: numberOf(row[0]), reservedBytes: numberOf(row[1]) };
  }

  buckets(): readonly string[] {
    return this.#rows("select bucket from quota_usage order by bucket").map(([name]) =>
      textOf(name),
    );
  }

  addUsage(bucket: string, used: number, reserved: number): void {
    if (used === 0 && reserved === 0) return;
    this.#run(
      "update quota_usage set used = used + ?2, reserved = reserved + ?3 where bucket = ?1",
      bucket,
      used,
      reserved,
    );
  }

  /** Undefined when nothing is known of the slot. */
  counted(slot: Slot): number | undefined {
    const row = this.#row(`select counted from quota_slot where ${sameSlot}`, ...names(slot));
    const counted = row?.[0];
    return typeof counted === "number" ? counted : undefined;
  }

  setCounted(slot: Slot, counted: number): void {
    this.#run(
      `insert into quota_slot values (?1, ?2, ?3, ?4, ?5) on conflict do update set counted = ?5`,
      ...names(slot),
      counted,
    );
  }

  forgetSlot(slot: Slot): void {
    this.#run(`delete from quota_slot where ${sameSlot}`, ...names(slot));
  }

  /** What the parts of an upload count for, by their numbers. */
  countedParts({ bucket, key, uploadId }: Slot): ReadonlyMap<number, number> {
    const rows = this.#rows(
      `select part_number, counted from quota_slot where ${sameUpload} and part_number > 0`,
      bucket,
      Buffer.from(key),
      uploadId,
    );
    return new Map(rows.map(([part, counted]) => [numberOf(part), numberOf(counted)]));
  }

  /** The uploads of a bucket that something is counted for. */
  countedUploads(bucket: string): readonly Slot[] {
    return this.#rows(
      "select distinct object_key, upload_id from quota_slot where bucket = ? and upload_id <> ''",
      bucket,
    ).map(([key, uploadId]) => ({
      bucket,
      key: keyOf(key),
      uploadId: textOf(uploadId),
      partNumber: 0,
    }));
  }

  /** Writes an intent down, and tells all whom it may disturb; it is disturbed itself if there is one. */
  join(slot: Slot, owner: string): Intent {
    const others = this.#disturb(slot, 0);
    const { lastInsertRowid } = this.#run(
      `insert into quota_intent (bucket, object_key, upload_id, part_number, owner, reserved, disturbed)
       values (?1, ?2, ?3, ?4, ?5, 0, ?6)`,
      ...names(slot),
      owner,
      others === 0 ? 0 : 1,
    );
    return { id: Number(lastInsertRowid), slot };
  }

  /** How often others came or went that may have changed the slot meanwhile. */
  disturbances({ id }: Intent): number {
    const row = this.#row("select disturbed from quota_intent where id = ?", id);
    return numberOf(row?.[0] ?? 0);
  }

  setAside({ id, slot }: Intent, bytes: number): void {
    this.#run("update quota_intent set reserved = reserved + ?2 where id = ?1", id, bytes);
    this.addUsage(slot.bucket, 0, bytes);
  }

  /** Takes an intent and what it set aside away; how many others are left that may change the slot. Undefined when it had gone. */
  leave({ id, slot }: Intent): number | undefined {
    const row = this.#row("delete from quota_intent where id = ? returning reserved", id);
    if (row === undefined) return undefined;
    this.addUsage(slot.bucket, 0, -numberOf(row[0]));
    return this.#disturb(slot, id);
  }

  /** Nobody is at work on an intent any more, and nobody knows what came of it. */
  end({ id }: Intent, endedAt: number): void {
    this.#run("update quota_intent set ended_at = ?2 where id = ?1", id, endedAt);
  }

  /** Who else has intents. */
  owners(): readonly string[] {
    return this.#rows("select distinct owner from quota_intent").map(([owner]) => textOf(owner));
  }

  /** Takes over what a process that is gone had begun. */
  inherit(dead: string, heir: { readonly owner: string; readonly endedAt: number }): void {
    this.#run(
      "update quota_intent set owner = ?2, ended_at = coalesce(ended_at, ?3) where owner = ?1",
      dead,
      heir.owner,
      heir.endedAt,
    );
  }

  /** Ended intents of one owner, the oldest first. */
  endedIntents(owner: string, before: number): readonly EndedIntent[] {
    return this.#rows(
      `select id, ended_at, bucket, object_key, upload_id, part_number from quota_intent
       where owner = ?1 and ended_at <= ?2 order by id limit 1000`,
      owner,
      before,
    ).map(([id, endedAt, bucket, key, uploadId, partNumber]) => ({
      endedAt: numberOf(endedAt),
      id: numberOf(id),
      slot: {
        bucket: textOf(bucket),
        key: keyOf(key),
        uploadId: textOf(uploadId),
        partNumber: numberOf(partNumber),
      },
    }));
  }

  /** A slot of an object begins to count for what it held before anyone at work on it changed it. */
  open(slot: Slot, counted: number): void {
    this.setCounted(slot, counted);
    this.#run(
      `insert into quota_touched
       select ?1, ?2, case when ?2 <= cursor then ?3 else 0 end, ?3 from quota_usage
       where bucket = ?1 and cursor is not null on conflict do nothing`,
      slot.bucket,
      Buffer.from(slot.key),
      counted,
    );
  }

  /** Tells a recount under way what an object counts for now. */
  touch({ bucket, key }: Slot, counted: number): void {
    this.#run(
      "update quota_touched set counted = ?3 where bucket = ?1 and object_key = ?2",
      bucket,
      Buffer.from(key),
      counted,
    );
  }

  /** Has a bucket counted anew before the next write. What is known of objects that are being written stays. */
  forgetBucket(bucket: string): void {
    this.#run("delete from quota_usage where bucket = ?", bucket);
    this.#run("delete from quota_touched where bucket = ?", bucket);
    this.#run("delete from quota_slot where bucket = ? and upload_id <> ''", bucket);
  }

  /** Runs any statement; for what only one caller asks. */
  execute(sql: string, ...values: readonly Value[]): void {
    this.#run(sql, ...values);
  }

  /** The rows of any query, as they are; for what only one caller asks. */
  query(sql: string, ...values: readonly Value[]): readonly (readonly unknown[])[] {
    return this.#rows(sql, ...values);
  }

  /** The first row of any query, as it is; for what only one caller asks. */
  ask(sql: string, ...values: readonly Value[]): readonly unknown[] | undefined {
    return this.#row(sql, ...values);
  }

  #disturb({ bucket, key, uploadId, partNumber }: Slot, but: number): number {
    const { changes } = this.#run(
      `update quota_intent set disturbed = disturbed + 1
       where ${sameUpload} and id <> ?5 and (part_number = ?4 or part_number = 0 or ?4 = 0)`,
      bucket,
      Buffer.from(key),
      uploadId,
      partNumber,
      but,
    );
    return changes;
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #run(sql: string, ...values: readonly Value[]): Libsql.RunResult {
    return this.#prepared(sql).run(...values);
  }

  #rows(sql: string, ...values: readonly Value[]): readonly (readonly unknown[])[] {
    return this.#prepared(sql)
      .raw()
      .all(...values)
      .filter(Array.isArray);
  }

  #row(sql: string, ...values: readonly Value[]): readonly unknown[] | undefined {
    const row = this.#prepared(sql)
      .raw()
      .get(...values);
    return Array.isArray(row) ? row : undefined;
  }
}

const sameUpload = "bucket = ?1 and object_key = ?2 and upload_id = ?3";
const sameSlot = `${sameUpload} and part_number = ?4`;

function names({ bucket, key, uploadId, partNumber }: Slot): [string, Buffer, string, number] {
  return [bucket, Buffer.from(key), uploadId, partNumber];
}

export function numberOf(value: unknown): number {
  if (typeof value !== "number") throw new TypeError("a column is not a number");
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("a column is not text");
  return value;
}

export function keyOf(value: unknown): string {
  if (!Buffer.isBuffer(value)) throw new TypeError("a column is not bytes");
  return value.toString();
}
