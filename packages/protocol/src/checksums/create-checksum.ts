import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ChecksumAlgorithm } from "./algorithm.ts";
import type { ChecksumStream } from "./checksum-stream.ts";
import { createCrc } from "./create-crc.ts";
import { createTableCrc } from "./table-crc.ts";

/** The algorithms that need neither native code nor WebAssembly beyond Node itself. */
export type PortableChecksumAlgorithm = Exclude<ChecksumAlgorithm, `XXHASH${string}`>;

/** Tells whether `createChecksum` has the algorithm. */
export function isPortableChecksum(
  algorithm: ChecksumAlgorithm,
): algorithm is PortableChecksumAlgorithm {
  return !algorithm.startsWith("XXHASH");
}

/** Starts a digest. Any number may be alive at once, and none of them keeps the bytes it was given. */
export function createChecksum(algorithm: PortableChecksumAlgorithm): ChecksumStream {
  switch (algorithm) {
    case "CRC32":
      return createCrc(crc32);
    case "CRC32C":
    case "CRC64NVME":
      return createTableCrc(algorithm);
    case "MD5":
    case "SHA1":
    case "SHA256":
    case "SHA512":
      return createHash(algorithm);
  }
}
