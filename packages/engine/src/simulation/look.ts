import { S3Error } from "@holdfast/protocol";
import type { ObjectInfo } from "../api.ts";
import type { OpenEngine } from "../open-engine.ts";
import { common, raceKey, sharedBucket, writers, type Seen } from "./beliefs.ts";
import { nameOfBytes } from "./content.ts";
import type { Chance } from "./disk-image.ts";
import { keysOf, objectName, ownBucket } from "./writer.ts";

/** What is in an engine, every byte of it read, and what of it contradicts itself, in words. */
export interface Look extends Seen {
  readonly violations: readonly string[];
}

const everything = { prefix: "", delimiter: "", after: "", limit: 1_000 };
const markers = { keyMarker: "", uploadIdMarker: "" };

/** Reads all buckets, objects, uploads and parts. Rejects when the engine does. */
export async function look(engine: OpenEngine, chance: Chance): Promise<Look> {
  const states = new Map([common, ...writers].map((name) => [name, new Map<string, string>()]));
  const violations: string[] = [];
  let winner: string | undefined;
  const { buckets } = await engine.listBuckets(everything);
  for (const { name: bucket } of buckets) {
    const owner = (key: string) => states.get(ownerOf(bucket, key));
    owner("")?.set(`bucket ${bucket}`, "there");
    for (const [key, content] of await objectsIn(engine, bucket)) {
      if (key === raceKey) winner = content;
      else owner(key)?.set(`object ${bucket}/${key}`, content);
    }
    for (const { key, uploadId, parts } of await uploadsIn(engine, bucket)) {
      owner(key)?.set(`upload ${bucket}/${key} ${uploadId}`, "open");
      for (const [number, etag] of parts) owner(key)?.set(`part ${uploadId} ${number}`, etag);
    }
  }
  // One of those that the list leaves out: a look-up that finds nothing costs a stack trace.
  const unlisted = writers.flatMap((writer) =>
    keysOf(writer).filter((key) => states.get(writer)?.has(objectName(key)) === false),
  );
  const key = unlisted[Math.floor(chance() * unlisted.length)];
  if (key !== undefined && (await isThere(engine, key)))
    violations.push(`${key} is not in the list`);
  return { states, winner, violations };
}

type ObjectSeen = readonly [key: string, content: string];

async function objectsIn(engine: OpenEngine, bucket: string): Promise<readonly ObjectSeen[]> {
  const { entries } = await engine.listObjects({ ...everything, bucket });
  const objects: ObjectSeen[] = [];
  for (const entry of entries) {
    if (entry.type === "object") objects.push([entry.object.key, await read(engine, entry.object)]);
  }
  return objects;
}

interface UploadSeen {
  readonly key: string;
  readonly uploadId: string;
  readonly parts: readonly (readonly [number: number, etag: string])[];
}

async function uploadsIn(engine: OpenEngine, bucket: string): Promise<readonly UploadSeen[]> {
  const { entries } = await engine.listUploads({ ...everything, ...markers, bucket });
  const uploads: UploadSeen[] = [];
  for (const entry of entries) {
    if (entry.type !== "upload") continue;
    const { key, uploadId } = entry.upload;
    const page = await engine.listParts({ bucket, key, uploadId }, { after: 0, limit: 1_000 });
    const parts = page.parts.map(({ partNumber, etag }) => [partNumber, etag] as const);
    uploads.push({ key, uploadId, parts });
  }
  return uploads;
}

async function read(engine: OpenEngine, listed: ObjectInfo): Promise<string> {
  const object = await engine.openObject(listed.bucket, listed.key);
  const pieces: Buffer[] = [];
  try {
    for await (const piece of object.read()) pieces.push(Buffer.from(piece));
  } finally {
    await object.close();
  }
  const [first = Buffer.alloc(0)] = pieces;
  const bytes = pieces.length > 1 ? Buffer.concat(pieces) : first;
  const { etag, size } = object.info;
  if (etag !== listed.etag || size !== listed.size || size !== bytes.length) {
    return `${bytes.length} bytes, listed as ${listed.size}`;
  }
  return nameOfBytes(bytes);
}

async function isThere(engine: OpenEngine, key: string): Promise<boolean> {
  try {
    await engine.headObject(sharedBucket, key);
    return true;
  } catch (error) {
    if (S3Error.is(error) && ["NoSuchBucket", "NoSuchKey"].includes(error.code)) return false;
    throw error;
  }
}

function ownerOf(bucket: string, key: string): string {
  const writer = writers.find((name) => bucket === ownBucket(name) || keysOf(name).includes(key));
  return writer ?? common;
}
