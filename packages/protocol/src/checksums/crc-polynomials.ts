import type { ChecksumAlgorithm } from "./algorithm.ts";

/** The algorithms whose digest of a whole follows from the digests of its pieces. */
export type CrcAlgorithm = Extract<ChecksumAlgorithm, `CRC${string}`>;

/** A polynomial over GF(2), bits reflected: the top bit of `high` is the coefficient of x^0. */
export interface Polynomial {
  readonly high: number;
  readonly low: number;
}

/** What a CRC divides by. Those of 32 bits live in `high` alone. */
export const crcPolynomials: Readonly<
  Record<CrcAlgorithm, { readonly bits: 32 | 64; readonly modulus: Polynomial }>
> = {
  CRC32: { bits: 32, modulus: { high: 0xedb88320, low: 0 } },
  CRC32C: { bits: 32, modulus: { high: 0x82f63b78, low: 0 } },
  CRC64NVME: { bits: 64, modulus: { high: 0x9a6c9329, low: 0xac4bc9b5 } },
};
