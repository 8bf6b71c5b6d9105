import {
  createChecksum as createPortable,
  createCrc,
  type ChecksumAlgorithm,
  type ChecksumStream,
} from "@holdfast/protocol";
import { crc32c } from "./crc32c.ts";
import {
  createCrc64Nvme,
  createXxHash128,
  createXxHash3,
  createXxHash64,
} from "./wasm-checksum.ts";

/** Starts a digest of any algorithm, by native code or WebAssembly where the protocol's own would be slower. */
export function createChecksum(algorithm: ChecksumAlgorithm): ChecksumStream {
  switch (algorithm) {
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
    case "CRC32":
    case "MD5":
    case "SHA1":
    case "SHA256":
    case "SHA512":
      return createPortable(algorithm);
  }
}
