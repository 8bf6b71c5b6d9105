import { randomBytes } from "node:crypto";
import { s3Error } from "@holdfast/protocol";
import type { Ledger } from "./ledger.ts";
import type { ObjectSizes, OpenUploads, Shelf, UploadMarker } from "./shelf.ts";
import { uploadSlot } from "./slot.ts";
import type { UsageDatabase } from "./usage-database.ts";
import { keyOf, numberOf, type UsageRows } from "./usage-rows.ts";

/** What a recount found. */
export interface Recount {
  readonly bucket: string;
  readonly objects: number;
  readonly uploads: number;
  /** As it is counted from now on. */
  readonly usedBytes: number;
  /** How much more that is than what was counted before; undefined when nothing was. */
  readonly driftBytes: number | undefined;
}

interface Recounting {
  readonly database: UsageDatabase;
  readonly ledger: Ledger;
  readonly shelf: Shelf;
  readonly bucket: string;
}

/**
 * Counts what is in a bucket, page by page, while writes go on, and sets its usage. Of an object that is written
 * meanwhile, what its writer counts is taken instead of what the listing says, so the sum is exact but for who writes
 * past the gateway. A second recount of a bucket takes over from the first, which rejects with OperationAborted.
 */
export async function recount({ database, ledger, shelf, bucket }: Recounting): Promise<Recount> {
  const id = randomBytes(8).toString("hex");
  await database.transact((rows) => begin(rows, bucket, id));
  let objects = 0;
  for (let after: string | undefined = ""; after !== undefined;) {
    const page: ObjectSizes = await shelf.objects(bucket, after);
    const goesOn = await database.transact((rows) => addPage(rows, { bucket, id, page }));
    if (!goesOn) throw takenOver();
    objects += page.objects.length;
    after = page.next;
  }
  const uploads = await countUploads({ database, ledger, shelf, bucket });
  const result = await database.transact((rows) => finish(rows, bucket, id));
  if (result === undefined) throw takenOver();
  return { bucket, objects, uploads, ...result };
}

function begin(rows: UsageRows, bucket: string, id: string): void {
  rows.execute(
    `insert into quota_usage (bucket, used, reserved, is_counted)
     select ?1, 0, coalesce(sum(reserved), 0), 0 from quota_intent where bucket = ?1
     on conflict do nothing`,
    bucket,
  );
  rows.execute(
    "update quota_usage set recount = ?2, cursor = x'', listed = 0 where bucket = ?1",
    bucket,
    id,
  );
  rows.execute("delete from quota_touched where bucket = ?", bucket);
  rows.execute(
    `insert into quota_touched select bucket, object_key, 0, counted from quota_slot
     where bucket = ? and upload_id = '' and counted is not null`,
    bucket,
  );
}

interface Page {
  readonly bucket: string;
  readonly id: string;
  readonly page: ObjectSizes;
}

/** False when another recount has taken over. */
function addPage(rows: UsageRows, { bucket, id, page: { objects } }: Page): boolean {
  if (!isOurs(rows, bucket, id)) return false;
  const last = objects.at(-1);
  if (last === undefined) return true;
  const cursor = Buffer.from(last.key);
  const touched = new Set(
    rows
      .query(
        `select t.object_key from quota_touched t, quota_usage u
         where t.bucket = ?1 and u.bucket = ?1 and t.object_key > u.cursor and t.object_key <= ?2`,
        bucket,
        cursor,
      )
      .map(([key]) => keyOf(key)),
  );
  let bytes = 0;
  for (const { key, size } of objects) if (!touched.has(key)) bytes += size;
  rows.execute(
    "update quota_usage set listed = listed + ?2, cursor = ?3 where bucket = ?1",
    bucket,
    bytes,
    cursor,
  );
  return true;
}

/** Makes the parts of all uploads count for what they hold, those of uploads that are gone too. */
async function countUploads({ database, ledger, shelf, bucket }: Recounting): Promise<number> {
  const listed = new Set<string>();
  let after: UploadMarker | undefined = { keyMarker: "", uploadIdMarker: "" };
  while (after !== undefined) {
    const page: OpenUploads = await shelf.uploads(bucket, after);
    for (const upload of page.uploads) {
      listed.add(upload.uploadId);
      await ledger.lookAgain(uploadSlot(upload), shelf);
    }
    after = page.next;
  }
  const counted = await database.transact((rows) => rows.countedUploads(bucket));
  for (const upload of counted) {
    if (!listed.has(upload.uploadId)) await ledger.lookAgain(upload, shelf);
  }
  return listed.size;
}

function finish(
  rows: UsageRows,
  bucket: string,
  id: string,
): Pick<Recount, "usedBytes" | "driftBytes"> | undefined {
  if (!isOurs(rows, bucket, id)) return undefined;
  const before = rows.usage(bucket)?.usedBytes;
  const [sum] =
    rows.ask(
      `select listed + (select coalesce(sum(counted - before), 0) from quota_touched where bucket = ?1)
       + (select coalesce(sum(counted), 0) from quota_slot where bucket = ?1 and upload_id <> '')
       from quota_usage where bucket = ?1`,
      bucket,
    ) ?? [];
  const usedBytes = numberOf(sum);
  rows.execute(
    `update quota_usage set used = ?2, is_counted = 1, recount = null, cursor = null
     where bucket = ?1`,
    bucket,
    usedBytes,
  );
  rows.execute("delete from quota_touched where bucket = ?", bucket);
  return { usedBytes, driftBytes: before === undefined ? undefined : usedBytes - before };
}

function isOurs(rows: UsageRows, bucket: string, id: string): boolean {
  return rows.ask("select recount from quota_usage where bucket = ?", bucket)?.[0] === id;
}

function takenOver(): Error {
  return s3Error("OperationAborted", undefined, { reason: "recount_taken_over" });
}
