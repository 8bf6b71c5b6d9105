import type { ListEntry, ListObjects, ObjectPage } from "../api.ts";
import type { EngineParts } from "../engine-parts.ts";
import {
  after,
  nameAt,
  objectKey,
  objectPrefix,
  startingWith,
  type KeyRange,
} from "../index/keys.ts";
import { decodeObject } from "../index/records.ts";
import { unseal } from "../index/sealed-value.ts";
import { objectInfo } from "../objects/object-info.ts";
import { requireBucket } from "../objects/object-records.ts";
import { skipScan } from "./skip-scan.ts";
import { commonPrefix } from "./walk.ts";

/** One page of a bucket, as it was at one moment. Entries say nothing of an object's parts. */
export async function listObjects(
  { view, store }: EngineParts,
  input: ListObjects,
): Promise<ObjectPage> {
  const { bucket, prefix, delimiter, limit } = input;
  requireBucket(view, bucket);
  const nameOffset = objectPrefix(bucket, "").length;
  const { found, more } = await skipScan(store, {
    range: objectsAfter(input),
    prefix,
    delimiter,
    limit,
    nameOf: (key) => nameAt(key, nameOffset).name,
    keyPrefix: (name) => objectPrefix(bucket, name),
  });
  const entries = found.map(({ name, entry }): ListEntry => {
    if (entry === undefined) return { type: "prefix", prefix: name };
    const record = decodeObject(unseal(...entry));
    return { type: "object", object: objectInfo({ bucket, key: name }, record) };
  });
  const last = found.at(-1);
  return { entries, ...(more && last !== undefined ? { next: last.name } : {}) };
}

function objectsAfter({ bucket, prefix, delimiter, after: name }: ListObjects): KeyRange {
  const all = startingWith(objectPrefix(bucket, prefix));
  if (name === "") return all;
  const covers = name.startsWith(prefix) && commonPrefix(name, { prefix, delimiter }) === name;
  const behind = after(covers ? objectPrefix(bucket, name) : objectKey(bucket, name));
  return { start: Buffer.compare(behind, all.start) > 0 ? behind : all.start, end: all.end };
}
