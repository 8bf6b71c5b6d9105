import { s3Error } from "@holdfast/protocol";
import type { Transaction } from "../commit/transaction.ts";
import { bucketKey, objectKey, payloadKey } from "../index/keys.ts";
import {
  decodeObject,
  decodeSegments,
  encodeRecord,
  type BodyRef,
  type ObjectRecord,
  type PartSegment,
} from "../index/records.ts";
import type { View } from "../index/view.ts";
import type { ObjectName } from "./object-info.ts";

/** The bucket's record, encoded, or `NoSuchBucket`: most need no more than that it is there. */
export function requireBucket(view: View, bucket: string): Buffer {
  const bytes = view.get(bucketKey(bucket));
  if (bytes === undefined) throw s3Error("NoSuchBucket", { BucketName: bucket });
  return bytes;
}

export function findObject(view: View, { bucket, key }: ObjectName): ObjectRecord | undefined {
  const bytes = view.get(objectKey(bucket, key));
  return bytes === undefined ? undefined : decodeObject(bytes);
}

/** The object, or `NoSuchBucket` or `NoSuchKey`. */
export function requireObject(view: View, name: ObjectName): ObjectRecord {
  const record = findObject(view, name);
  if (record !== undefined) return record;
  requireBucket(view, name.bucket);
  throw s3Error("NoSuchKey", { Key: name.key });
}

/** Makes `record` the object, in place of `current`, whose bytes are let go. */
export function replaceObject(
  transaction: Transaction,
  name: ObjectName,
  change: { readonly current: ObjectRecord | undefined; readonly record: ObjectRecord | undefined },
): void {
  const key = objectKey(name.bucket, name.key);
  if (change.record === undefined) transaction.delete(key);
  else transaction.put(key, encodeRecord(change.record));
  if (change.current !== undefined) releaseBody(transaction, change.current.body);
}

/** Now, or the time of the record that is replaced when the clock has gone back behind it. */
export function nextModified(
  now: number,
  current: { readonly lastModified: number } | undefined,
): number {
  return Math.max(now, current?.lastModified ?? 0);
}

/** The payload of a body; undefined when the body was replaced since its record was read. */
export function findPayload(view: View, body: BodyRef): Buffer | undefined {
  return body.in === "index" || body.in === "parts"
    ? view.get(payloadKey(body.payload))
    : undefined;
}

/** The segments that a body of parts consists of. */
export function requireSegments(view: View, body: BodyRef): readonly PartSegment[] {
  const payload = findPayload(view, body);
  if (payload === undefined) throw missingPayload();
  return decodeSegments(payload);
}

/** A body that names the same bytes once more; nothing but a small one is copied. */
export function shareBody(transaction: Transaction, body: BodyRef): BodyRef {
  switch (body.in) {
    case "nothing":
      return body;
    case "blob":
      transaction.reference(body.blob);
      return body;
    case "index":
    case "parts": {
      const bytes = findPayload(transaction, body);
      if (bytes === undefined) throw missingPayload();
      if (body.in === "parts") {
        for (const { blob } of decodeSegments(bytes)) transaction.reference(blob);
      }
      const payload = transaction.nextPayload();
      transaction.put(payloadKey(payload), bytes);
      return { in: body.in, payload };
    }
  }
}

function releaseBody(transaction: Transaction, body: BodyRef): void {
  switch (body.in) {
    case "nothing":
      return;
    case "blob":
      transaction.release(body.blob);
      return;
    case "parts":
      for (const { blob } of requireSegments(transaction, body)) transaction.release(blob);
      transaction.delete(payloadKey(body.payload));
      return;
    case "index":
      transaction.delete(payloadKey(body.payload));
  }
}

function missingPayload(): Error {
  return s3Error("InternalError", undefined, { reason: "missing_payload" });
}
