/** The checksum algorithms of S3 that Holdfast computes, in S3's words. */
export const checksumAlgorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;

export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** Whether a checksum covers the object's bytes, or the checksums of its parts. */
export type ChecksumType = "COMPOSITE" | "FULL_OBJECT";

/** A checksum as the wire carries it. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64 of the big-endian digest; a composite one ends in `-` and the number of parts. */
  readonly value: string;
  readonly type: ChecksumType;
}
