import type { Attachment } from "../access/control.ts";
import { change, type ControlContext } from "./change.ts";
import { ControlError } from "./control-error.ts";
import { checked, inputs } from "./input.ts";
import type { Quota } from "./sources.ts";

/** Has an upstream keep a bucket; `already_exists` for one that is attached, `remote_bucket_taken`. */
export async function attachBucket(context: ControlContext, input: unknown): Promise<Attachment> {
  const { bucket, upstream, remoteBucket } = checked(inputs.attachment, input);
  const created_at = context.now();
  await change(
    context,
    async (tx) =>
      await tx
        .insertInto("attachments")
        .values({ bucket, upstream, remote_bucket: remoteBucket, created_at })
        .execute(),
    {
      SQLITE_CONSTRAINT_PRIMARYKEY: "already_exists",
      SQLITE_CONSTRAINT_UNIQUE: "remote_bucket_taken",
    },
  );
  return { bucket, upstream, remoteBucket, createdAt: created_at };
}

/** Ends an attachment and forgets the bucket's settings: what is made later under its name starts without; `no_such_setting`. */
export async function detachBucket(context: ControlContext, input: unknown): Promise<void> {
  await removeFrom(context, input, ["attachments", "quotas", "anonymous", "cors"]);
}

/** Sets the quota of a bucket in place of the one that it had. */
export async function setQuota(context: ControlContext, input: unknown): Promise<Quota> {
  const { bucket, softBytes, hardBytes } = checked(inputs.quota, input);
  const columns = { soft_bytes: softBytes ?? null, hard_bytes: hardBytes ?? null };
  await change(
    context,
    async (tx) =>
      await tx
        .insertInto("quotas")
        .values({ bucket, ...columns })
        .onConflict((conflict) => conflict.column("bucket").doUpdateSet(columns))
        .execute(),
  );
  return { softBytes, hardBytes };
}

/** `no_such_setting` for a bucket without a quota. */
export async function removeQuota(context: ControlContext, input: unknown): Promise<void> {
  await removeFrom(context, input, ["quotas"]);
}

/** Lets anyone read a bucket, so many requests a second from an address; in place of what was allowed before. */
export async function allowAnonymous(context: ControlContext, input: unknown): Promise<void> {
  const { bucket, requestsPerSecond } = checked(inputs.anonymous, input);
  const columns = { requests_per_second: requestsPerSecond };
  await change(
    context,
    async (tx) =>
      await tx
        .insertInto("anonymous")
        .values({ bucket, ...columns })
        .onConflict((conflict) => conflict.column("bucket").doUpdateSet(columns))
        .execute(),
  );
}

/** `no_such_setting` for a bucket that nobody could read without a credential. */
export async function denyAnonymous(context: ControlContext, input: unknown): Promise<void> {
  await removeFrom(context, input, ["anonymous"]);
}

type BucketTable = "attachments" | "quotas" | "anonymous" | "cors";

/** The first of the tables must have the bucket. */
async function removeFrom(
  context: ControlContext,
  input: unknown,
  tables: readonly [BucketTable, ...BucketTable[]],
): Promise<void> {
  const bucket = checked(inputs.bucket, input);
  await change(context, async (tx) => {
    const [first, ...others] = tables;
    const { numDeletedRows } = await tx
      .deleteFrom(first)
      .where("bucket", "=", bucket)
      .executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) throw new ControlError("no_such_setting", { bucket });
    for (const table of others) await tx.deleteFrom(table).where("bucket", "=", bucket).execute();
  });
}
