import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ChecksumAlgorithm } from "./algorithm.ts";
import type { ChecksumStream } from "./checksum-stream.ts";
import { crc32c } from "./crc32c.ts";
import {
  createCrc64Nvme,
  createXxHash128,
  createXxHash3,
  createXxHash64,
} from "./wasm-checksum.ts";

type CrcUpdate = (bytes: Uint8Array, seed: number) => number;

/** Starts a digest. Any number may be alive at once, and none of them keeps the bytes it was given. */
export function createChecksum(algorithm: ChecksumAlgorithm): ChecksumStream {
  switch (algorithm) {
    case "CRC32":
      return createCrc(crc32);
    case "CRC32C":
      return createCrc(crc32c);
    case "CRC64NVME":
      return createCrc64Nvme();
    case "XXHASH64":
      return createXxHash64();
    case "XXHASH3":
      return createXxHash3();
    case "XXHASH128":
      return createXxHash128();
    case "MD5":
    case "SHA1":
    case "SHA256":
    case "SHA512":
      return createHash(algorithm);
  }
}

function createCrc(next: CrcUpdate): ChecksumStream {
  let crc = 0;
  return {
    update(bytes) {
      // zlib takes no bytes at no address for a wish to begin anew.
      if (bytes.length > 0) crc = next(bytes, crc);
    },
    digest() {
      const digest = Buffer.alloc(4);
      digest.writeUInt32BE(crc);
      return digest;
    },
  };
}
