import { createHash } from "node:crypto";

const mebibyte = 1024 * 1024;

/** What every large body holds, over and over. */
const block: Buffer = createHash("shake256", { outputLength: mebibyte }).digest();

/** What every small body holds. */
const small: Buffer = block.subarray(0, 1024);

/** The bodies of the bench: by the folder that their keys are in. */
export const objects = {
  "1k": { piece: small, count: 1 },
  "1m": { piece: block, count: 1 },
  "64m": { piece: block, count: 64 },
} as const;

export type ObjectSize = keyof typeof objects;

/** In bytes. */
export const sizeOf = (size: ObjectSize): number =>
  objects[size].piece.length * objects[size].count;

/** The MD5 of a body in hexadecimal, as S3 has it in an ETag. */
export function md5Of(size: ObjectSize): string {
  const { piece, count } = objects[size];
  const hash = createHash("md5");
  for (let fed = 0; fed < count; fed++) hash.update(piece);
  return hash.digest("hex");
}
