import { checksumAlgorithms, type Checksum } from "@holdfast/protocol";
import { checksumOf } from "./object-parts.ts";
import type { ReadShape, Shape } from "./xml-shape.ts";

/** The elements in which documents carry checksums, by algorithm. */
export const checksumShape = {
  CRC32: { element: "ChecksumCRC32", is: "text" },
  CRC32C: { element: "ChecksumCRC32C", is: "text" },
  CRC64NVME: { element: "ChecksumCRC64NVME", is: "text" },
  SHA1: { element: "ChecksumSHA1", is: "text" },
  SHA256: { element: "ChecksumSHA256", is: "text" },
  SHA512: { element: "ChecksumSHA512", is: "text" },
  MD5: { element: "ChecksumMD5", is: "text" },
  XXHASH64: { element: "ChecksumXXHASH64", is: "text" },
  XXHASH3: { element: "ChecksumXXHASH3", is: "text" },
  XXHASH128: { element: "ChecksumXXHASH128", is: "text" },
} as const satisfies Shape;

/** The checksum that an element holds, if any. */
export function checksumIn(
  fields: ReadShape<typeof checksumShape>,
  type?: string,
): Checksum | undefined {
  for (const algorithm of checksumAlgorithms) {
    const value = fields[algorithm];
    if (value !== undefined && value !== "") return checksumOf(algorithm, value, type);
  }
  return undefined;
}
