/** A digest under way: bytes in, in any pieces, then its big-endian digest out, once. */
export interface ChecksumStream {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}
