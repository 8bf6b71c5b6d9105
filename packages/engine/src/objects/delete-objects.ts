import { S3Error } from "@holdfast/protocol";
import type { Precondition } from "../api.ts";
import type { Transaction } from "../commit/transaction.ts";
import type { EngineParts } from "../engine-parts.ts";
import { objectInfo, type ObjectName } from "./object-info.ts";
import { findObject, replaceObject, requireBucket } from "./object-records.ts";

interface Delete {
  readonly key: string;
  readonly precondition?: Precondition;
  readonly signal?: AbortSignal;
}

/** Deletes an object, if there is one. */
export async function deleteObject(
  { volume, committer }: EngineParts,
  input: Delete & ObjectName,
): Promise<void> {
  volume.assertWritable();
  await committer.commit((transaction) => {
    input.signal?.throwIfAborted();
    requireBucket(transaction, input.bucket);
    deleteOne(transaction, input.bucket, input);
  });
}

/** Deletes many in one commit; the refusal of one leaves the others alone. */
export async function deleteObjects(
  { volume, committer }: EngineParts,
  bucket: string,
  deletes: readonly Delete[],
): Promise<readonly (S3Error | undefined)[]> {
  volume.assertWritable();
  return committer.commit((transaction) => {
    requireBucket(transaction, bucket);
    return deletes.map((one) => {
      try {
        deleteOne(transaction, bucket, one);
      } catch (error) {
        if (S3Error.is(error)) return error;
        throw error;
      }
    });
  });
}

function deleteOne(transaction: Transaction, bucket: string, { key, precondition }: Delete): void {
  const name = { bucket, key };
  const current = findObject(transaction, name);
  precondition?.(current && objectInfo(name, current));
  if (current !== undefined) replaceObject(transaction, name, { current, record: undefined });
}
