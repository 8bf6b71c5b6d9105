import type { CopyObject, ObjectInfo } from "../api.ts";
import type { EngineParts } from "../engine-parts.ts";
import type { ObjectRecord } from "../index/records.ts";
import { objectInfo } from "./object-info.ts";
import {
  findObject,
  nextModified,
  replaceObject,
  requireBucket,
  requireObject,
  shareBody,
} from "./object-records.ts";

/** Makes an object of another's bytes, or of its own; no data is copied, both name the same blobs. */
export async function copyObject(
  { volume, room, committer, clock }: EngineParts,
  input: CopyObject,
): Promise<ObjectInfo> {
  volume.assertWritable();
  await room.admit();
  return committer.commit((transaction) => {
    input.signal?.throwIfAborted();
    requireBucket(transaction, input.bucket);
    const source = requireObject(transaction, input.source);
    input.sourcePrecondition?.(objectInfo(input.source, source));
    const current = findObject(transaction, input);
    input.precondition?.(current && objectInfo(input, current));
    const { completed: _, ...kept } = source;
    const record: ObjectRecord = {
      ...kept,
      lastModified: nextModified(clock.now(), current),
      metadata: input.metadata ?? source.metadata,
      body: shareBody(transaction, source.body),
    };
    replaceObject(transaction, input, { current, record });
    return objectInfo(input, record);
  });
}
