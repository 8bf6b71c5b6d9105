import type { ChecksumAlgorithm } from "@holdfast/protocol";
import { createChecksum } from "./create-checksum.ts";

/** The checksum of the parts' digests in a row, in base64, then `-` and how many they were. */
export function compositeChecksum(
  algorithm: ChecksumAlgorithm,
  digests: Iterable<Uint8Array>,
): string {
  const checksum = createChecksum(algorithm);
  let parts = 0;
  for (const digest of digests) {
    checksum.update(digest);
    parts += 1;
  }
  return `${checksum.digest().toString("base64")}-${parts}`;
}
