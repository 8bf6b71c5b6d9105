import { createHash } from "node:crypto";
import type { Entry } from "./candidate.ts";

const digests = createHash("shake256", { outputLength: 1024 * 1024 }).digest();

const bucket = "bench-bucket";
const prefixCount = 1000;

// Coprime to every count used here, so that a run of numbers visits each record once.
const stride = 7_368_787;

/** Where an object's record stands: bucket, NUL and a key of two levels, 60 bytes in all. */
export function recordKey(number: number): Buffer {
  const prefix = String(number % prefixCount).padStart(4, "0");
  const name = String(Math.floor(number / prefixCount)).padStart(10, "0");
  return Buffer.from(`${bucket}\u0000prefix-${prefix}/an-object-key-${name}.parquet`);
}

/** The first key of the bucket, and the first one past a common prefix. */
export const firstKey: Buffer = Buffer.from(`${bucket}\u0000`);

/** The smallest key that the common prefix of `key` does not cover. */
export function pastPrefix(key: Buffer): Buffer {
  const past = Buffer.from(key.subarray(0, key.indexOf("/") + 1));
  past[past.length - 1] = "/".charCodeAt(0) + 1;
  return past;
}

/** Scatters `index` over `count` records: objects arrive in no order. */
export function scattered(index: number, count: number): number {
  return (index * stride) % count;
}

/** Names in the clear and then digests, which do not compress: the same for the same number. */
export function recordValue(number: number, size: number): Buffer {
  const names = Buffer.from(`{"contentType":"application/octet-stream","size":${number},"etag":"`);
  const start = (number * 97) % (digests.length - size);
  return Buffer.concat([names, digests.subarray(start)], size);
}

/** Where a small object's body would stand, clear of the records. */
export function bodyKey(number: number): Buffer {
  return Buffer.concat([Buffer.from("~"), recordKey(number)]);
}

/** `count` records from the `index`th on, scattered over `total`. */
export function records(which: { index: number; count: number; total: number }): Entry[] {
  return Array.from({ length: which.count }, (_, offset) => {
    const number = scattered(which.index + offset, which.total);
    return [recordKey(number), recordValue(number, 300)];
  });
}
