import {
  blobOf,
  blobsFrom,
  bucketsRange,
  garbageRange,
  nameAt,
  objectPrefix,
  partsRange,
  startingWith,
  uploadPrefix,
} from "../index/keys.ts";
import { memoryStore, type MemoryImage } from "../index/memory-store.ts";
import { decodeNumber, decodeObject, decodePart } from "../index/records.ts";
import { storeView, type View } from "../index/view.ts";
import { requireSegments } from "../objects/object-records.ts";

/** Blobs that an index counts other than its records name them, in words: each of them will never go or goes too soon. */
export async function blobAccounts(image: MemoryImage): Promise<readonly string[]> {
  const view = storeView(memoryStore(image));
  const named = new Map<number, number>();
  for await (const blob of namedBlobs(view)) named.set(blob, (named.get(blob) ?? 0) + 1);
  const wrong: string[] = [];
  for await (const [key, value] of view.range(blobsFrom(0))) {
    const blob = blobOf(key);
    const names = named.get(blob) ?? 0;
    if (names !== decodeNumber(value)) {
      wrong.push(
        `blob ${blob} counts as named ${decodeNumber(value)} times, and is ${names} times`,
      );
    }
    named.delete(blob);
  }
  for (const blob of named.keys()) wrong.push(`blob ${blob} is named and not counted`);
  return wrong;
}

/** Blobs whose unlinking an index still has to see to. */
export async function garbageOf(image: MemoryImage): Promise<readonly number[]> {
  const garbage: number[] = [];
  for await (const [key] of storeView(memoryStore(image)).range(garbageRange)) {
    garbage.push(blobOf(key));
  }
  return garbage;
}

async function* namedBlobs(view: View): AsyncGenerator<number> {
  for await (const [bucketKey] of view.range(bucketsRange(""))) {
    const bucket = nameAt(bucketKey, 1).name;
    for await (const [, value] of view.range(startingWith(objectPrefix(bucket, "")))) {
      const { body } = decodeObject(value);
      if (body.in === "blob") yield body.blob;
      if (body.in === "parts") yield* requireSegments(view, body).map(({ blob }) => blob);
    }
    const uploads = uploadPrefix(bucket, "");
    for await (const [key] of view.range(startingWith(uploads))) {
      const uploadId = key.toString("utf8", nameAt(key, uploads.length).next);
      for await (const [, part] of view.range(partsRange(uploadId))) yield decodePart(part).blob;
    }
  }
}
