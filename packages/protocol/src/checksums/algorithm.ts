/** The checksum algorithms of S3 that Holdfast computes, in S3's words. */
export const checksumAlgorithms = [
  "CRC32",
  "CRC32C",
  "CRC64NVME",
  "SHA1",
  "SHA256",
  "SHA512",
  "MD5",
  "XXHASH64",
  "XXHASH3",
  "XXHASH128",
] as const;

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

interface Traits {
  readonly digestBytes: number;
  readonly header: `x-amz-checksum-${string}`;
  /** What a multipart upload may ask for; the first is what it gets when it does not say. */
  readonly multipartTypes: readonly [ChecksumType, ...ChecksumType[]];
}

// Of a whole multipart object only a CRC follows from the parts' own.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
const either = ["COMPOSITE", "FULL_OBJECT"] as const;
const composite = ["COMPOSITE"] as const;
const fullObject = ["FULL_OBJECT"] as const;

const traits: Readonly<Record<ChecksumAlgorithm, Traits>> = {
  CRC32: { digestBytes: 4, header: "x-amz-checksum-crc32", multipartTypes: either },
  CRC32C: { digestBytes: 4, header: "x-amz-checksum-crc32c", multipartTypes: either },
  CRC64NVME: { digestBytes: 8, header: "x-amz-checksum-crc64nvme", multipartTypes: fullObject },
  SHA1: { digestBytes: 20, header: "x-amz-checksum-sha1", multipartTypes: composite },
  SHA256: { digestBytes: 32, header: "x-amz-checksum-sha256", multipartTypes: composite },
  SHA512: { digestBytes: 64, header: "x-amz-checksum-sha512", multipartTypes: composite },
  MD5: { digestBytes: 16, header: "x-amz-checksum-md5", multipartTypes: composite },
  XXHASH64: { digestBytes: 8, header: "x-amz-checksum-xxhash64", multipartTypes: composite },
  XXHASH3: { digestBytes: 8, header: "x-amz-checksum-xxhash3", multipartTypes: composite },
  XXHASH128: { digestBytes: 16, header: "x-amz-checksum-xxhash128", multipartTypes: composite },
};

const byHeader: ReadonlyMap<string, ChecksumAlgorithm> = new Map(
  checksumAlgorithms.map((algorithm) => [traits[algorithm].header, algorithm]),
);

/** The length of an algorithm's digest in bytes. */
export function checksumBytes(algorithm: ChecksumAlgorithm): number {
  return traits[algorithm].digestBytes;
}

/** The header that carries an algorithm's value, in lower case. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return traits[algorithm].header;
}

/** The algorithm whose value a header carries, by its name in lower case; undefined for all others. */
export function checksumAlgorithmOfHeader(name: string): ChecksumAlgorithm | undefined {
  return byHeader.get(name);
}

/** The types a multipart upload may have, the default first. */
export function multipartChecksumTypes(
  algorithm: ChecksumAlgorithm,
): readonly [ChecksumType, ...ChecksumType[]] {
  return traits[algorithm].multipartTypes;
}
