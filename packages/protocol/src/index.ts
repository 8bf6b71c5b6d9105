export {
  checksumAlgorithms,
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumType,
} from "./checksums/algorithm.ts";
export { catalogue, type DetailsOf, type ErrorCode } from "./errors/catalogue.ts";
export type { ErrorCategory, RetryClass } from "./errors/category.ts";
export type { ErrorOrigin, ErrorRow } from "./errors/row.ts";
export { S3Error, s3Error } from "./errors/s3-error.ts";
