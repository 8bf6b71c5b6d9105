import type { Engine } from "@holdfast/engine";
import { S3Error } from "@holdfast/protocol";
import type { ObjectSizes, OpenUploads, Shelf } from "./shelf.ts";

/** What is looked at in one go. */
const pageMax = 1000;

const missing: ReadonlySet<string> = new Set(["NoSuchKey", "NoSuchBucket", "NoSuchUpload"]);

/** The embedded engine, asked what it holds. It answers from memory, and what it began it ends with its process. */
export function engineShelf(engine: Engine): Shelf {
  return {
    lagMs: 0,
    objectBytes: (bucket, key) =>
      orNothing(0, async () => (await engine.headObject(bucket, key)).size),
    partBytes: (upload, partNumber) =>
      orNothing(0, async () => {
        const { parts } = await engine.listParts(upload, { after: partNumber - 1, limit: 1 });
        const [part] = parts;
        return part?.partNumber === partNumber ? part.size : 0;
      }),
    parts: (upload) =>
      orNothing(new Map<number, number>(), async () => {
        const all = new Map<number, number>();
        for (let after: number | undefined = 0; after !== undefined;) {
          const page: Awaited<ReturnType<Engine["listParts"]>> = await engine.listParts(upload, {
            after,
            limit: pageMax,
          });
          for (const { partNumber, size } of page.parts) all.set(partNumber, size);
          after = page.next;
        }
        return all;
      }),
    objects: (bucket, after) =>
      orNothing<ObjectSizes>({ objects: [] }, async () => {
        const options = { bucket, prefix: "", delimiter: "", after, limit: pageMax };
        const { entries, next } = await engine.listObjects(options);
        const objects = entries.flatMap((entry) => (entry.type === "object" ? [entry.object] : []));
        return { objects, next };
      }),
    uploads: (bucket, after) =>
      orNothing<OpenUploads>({ uploads: [] }, async () => {
        const options = { bucket, prefix: "", delimiter: "", limit: pageMax, ...after };
        const { entries, next } = await engine.listUploads(options);
        const uploads = entries.flatMap((entry) => (entry.type === "upload" ? [entry.upload] : []));
        return { uploads, next };
      }),
  };
}

/** What is not there holds nothing. */
async function orNothing<T>(nothing: T, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (S3Error.is(error) && missing.has(error.code)) return nothing;
    throw error;
  }
}
