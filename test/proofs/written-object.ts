import { createCipheriv, createHash } from "node:crypto";

/** One attempted write: everything about its bytes follows from its id. */
export interface WrittenObject {
  /** Unique in a run; goes with the object as `x-amz-meta-write`. */
  readonly id: string;
  /** One for each part; a single one for an object that is put in one piece. */
  readonly sizes: readonly number[];
  readonly isMultipart: boolean;
}

/** The bytes of one part. No two parts of any write share a block. */
export function partBytes({ id, sizes }: WrittenObject, part: number): Buffer {
  const key = createHash("md5").update(`${id}/${part}`).digest();
  const cipher = createCipheriv("aes-128-ctr", key, Buffer.alloc(16));
  return cipher.update(Buffer.alloc(sizes[part] ?? 0));
}

/** The ETag of one part, without quotes. */
export function partEtag(object: WrittenObject, part: number): string {
  return createHash("md5").update(partBytes(object, part)).digest("hex");
}

/** All bytes of the object. */
export function objectBytes(object: WrittenObject): Buffer {
  return Buffer.concat(object.sizes.map((_, part) => partBytes(object, part)));
}

/** What was worked out already: a proof asks at every look at a key, and the bytes never change. */
const etags = new WeakMap<WrittenObject, string>();

/** The ETag that S3 defines for it, without quotes. */
export function objectEtag(object: WrittenObject): string {
  const etag = etags.get(object) ?? etagOf(object);
  etags.set(object, etag);
  return etag;
}

function etagOf(object: WrittenObject): string {
  if (!object.isMultipart) return partEtag(object, 0);
  const hashes = object.sizes.map((_, part) => Buffer.from(partEtag(object, part), "hex"));
  return `${createHash("md5").update(Buffer.concat(hashes)).digest("hex")}-${hashes.length}`;
}
