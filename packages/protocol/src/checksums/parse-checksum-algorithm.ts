import { s3Error } from "../errors/s3-error.ts";
import {
  checksumAlgorithmOfHeader,
  checksumAlgorithms,
  type ChecksumAlgorithm,
} from "./algorithm.ts";

/** The algorithm that a header or element names, in any case; `InvalidRequest` for all others. */
export function parseChecksumAlgorithm(text: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithmOfHeader(`x-amz-checksum-${text.toLowerCase()}`);
  if (algorithm === undefined) {
    throw s3Error("InvalidRequest", undefined, {
      message: `The checksum algorithm must be one of ${checksumAlgorithms.join(", ")}.`,
      reason: "unknown_checksum_algorithm",
    });
  }
  return algorithm;
}
