import type { ChecksumStream } from "./checksum-stream.ts";

/** Starts a digest of 32 bits from a function that takes the bytes, and the CRC of those before them. */
export function createCrc(next: (bytes: Uint8Array, seed: number) => number): ChecksumStream {
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
