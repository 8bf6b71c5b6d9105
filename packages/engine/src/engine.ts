import { s3Error } from "@holdfast/protocol";
import type { Engine } from "./api.ts";
import { createBucket, deleteBucket, headBucket, listBuckets } from "./buckets.ts";
import type { EngineParts } from "./engine-parts.ts";
import { listObjects } from "./listing/list-objects.ts";
import { listUploads } from "./listing/list-uploads.ts";
import { completeUpload } from "./multipart/complete-upload.ts";
import { abortUpload, createUpload, listParts, putPart } from "./multipart/uploads.ts";
import { copyObject } from "./objects/copy-object.ts";
import { deleteObject, deleteObjects } from "./objects/delete-objects.ts";
import { headObject, openObject } from "./objects/open-object.ts";
import { putObject } from "./objects/put-object.ts";

/** Binds the operations; refuses them once closed, and runs `release` when the last has ended. */
export function createEngine(parts: EngineParts, release: () => Promise<void>): Engine {
  let running = 0;
  let closing: Promise<void> | undefined;
  let drained: (() => void) | undefined;
  const run = async <T>(operation: () => T | Promise<T>): Promise<T> => {
    if (closing !== undefined) {
      throw s3Error("ServiceUnavailable", undefined, { reason: "engine_closed" });
    }
    running += 1;
    try {
      // Whoever is under way already needs no more of the index, or is told to try again.
      if (parts.store.reopening !== undefined) await parts.store.reopening;
      return await operation();
    } finally {
      running -= 1;
      if (running === 0) drained?.();
    }
  };
  const close = async (): Promise<void> => {
    if (running > 0) {
      await new Promise<void>((resolve) => {
        drained = resolve;
      });
    }
    await release();
  };
  return {
    createBucket: (bucket) => run(() => createBucket(parts, bucket)),
    headBucket: (bucket) => run(() => headBucket(parts, bucket)),
    deleteBucket: (bucket) => run(() => deleteBucket(parts, bucket)),
    listBuckets: (options) => run(() => listBuckets(parts, options)),
    putObject: (input) => run(() => putObject(parts, input)),
    copyObject: (input) => run(() => copyObject(parts, input)),
    headObject: (bucket, key) => run(() => headObject(parts, { bucket, key })),
    openObject: (bucket, key) => run(() => openObject(parts, { bucket, key })),
    deleteObject: (input) => run(() => deleteObject(parts, input)),
    deleteObjects: (bucket, deletes) => run(() => deleteObjects(parts, bucket, deletes)),
    listObjects: (input) => run(() => listObjects(parts, input)),
    createUpload: (input) => run(() => createUpload(parts, input)),
    putPart: (input) => run(() => putPart(parts, input)),
    listParts: (ref, options) => run(() => listParts(parts, ref, options)),
    listUploads: (input) => run(() => listUploads(parts, input)),
    completeUpload: (input) => run(() => completeUpload(parts, input)),
    abortUpload: (ref) => run(() => abortUpload(parts, ref)),
    close: () => (closing ??= close()),
  };
}
