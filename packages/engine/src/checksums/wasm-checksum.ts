import type { ChecksumStream } from "@holdfast/protocol";
import {
  createCRC64,
  createXXHash128,
  createXXHash3,
  createXXHash64,
  type IHasher,
} from "hash-wasm";

// WebAssembly starts asynchronously and a checksum must not, so one instance of each is made here
// and the streams share it: a stream that finds it with another has that one's state saved first.
// CRC-64 on 64 KiB pieces is 1.7 times as fast so as with tables in JavaScript; loading and saving
// the state costs two microseconds.
const [crc64, xxHash64, xxHash3, xxHash128] = await Promise.all([
  createCRC64("9a6c9329ac4bc9b5"),
  createXXHash64(),
  createXXHash3(),
  createXXHash128(),
]);

/** Starts a CRC-64/NVME, S3's default checksum (NVM Command Set Specification 1.0, 5.2.1.3.4). */
export const createCrc64Nvme = sharing(crc64);
/** Starts an XXH64 with seed 0. */
export const createXxHash64 = sharing(xxHash64);
/** Starts an XXH3 of 64 bits with seed 0. */
export const createXxHash3 = sharing(xxHash3);
/** Starts an XXH3 of 128 bits with seed 0. */
export const createXxHash128 = sharing(xxHash128);

function sharing(hasher: IHasher): () => ChecksumStream {
  const initialState = hasher.init().save();
  /** Whose state the instance holds. */
  let holder: { state: Uint8Array } | undefined;
  return () => {
    const own = { state: initialState };
    const take = (): void => {
      if (holder === own) return;
      if (holder !== undefined) holder.state = hasher.save();
      hasher.load(own.state);
      holder = own;
    };
    return {
      update(bytes) {
        take();
        hasher.update(bytes);
      },
      digest() {
        take();
        holder = undefined;
        return Buffer.from(hasher.digest("binary"));
      },
    };
  };
}
