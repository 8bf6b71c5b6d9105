export {
  checksumAlgorithmOfHeader,
  checksumAlgorithms,
  checksumBytes,
  checksumHeader,
  multipartChecksumTypes,
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumType,
} from "./checksums/algorithm.ts";
export type { ChecksumStream } from "./checksums/checksum-stream.ts";
export { combineCrc, type CrcPart } from "./checksums/combine-crc.ts";
export type { CrcAlgorithm } from "./checksums/crc-polynomials.ts";
export {
  createChecksum,
  isPortableChecksum,
  type PortableChecksumAlgorithm,
} from "./checksums/create-checksum.ts";
export { createCrc } from "./checksums/create-crc.ts";
export { decodeChecksum, decodeContentMd5 } from "./checksums/decode-checksum.ts";
export { parseChecksumAlgorithm } from "./checksums/parse-checksum-algorithm.ts";
export {
  copySourceCondition,
  readCondition,
  writeCondition,
  type ConditionHeaders,
  type Validators,
} from "./conditions.ts";
export { checkCorsRules, type UncheckedCorsRule } from "./cors/check-rules.ts";
export {
  corsConfigurationBytesMax,
  readCorsConfiguration,
  renderCorsConfiguration,
} from "./cors/configuration.ts";
export { actualHeaders, corsVary, preflightHeaders, type PreflightQuestion } from "./cors/match.ts";
export { corsMethods, type CorsMethod, type CorsRule } from "./cors/rule.ts";
export {
  formatAmzDate,
  formatHttpDate,
  formatIsoDate,
  parseAmzDate,
  parseHttpDate,
  parseIsoDate,
} from "./dates.ts";
export { catalogue, type DetailsOf, type ErrorCode, type VariantOf } from "./errors/catalogue.ts";
export type { ErrorCategory, RetryClass } from "./errors/category.ts";
export {
  readErrorDocument,
  renderErrorDocument,
  type ErrorContext,
  type ErrorDocument,
} from "./errors/document.ts";
export { fallbackFor, type StatusFallback } from "./errors/fallback-for.ts";
export { isErrorCode } from "./errors/is-error-code.ts";
export { meaningOnWire, statusOfCode } from "./errors/meaning-on-wire.ts";
export type { ErrorMeaning, ErrorOrigin, ErrorRow } from "./errors/row.ts";
export { s3ErrorFromWire, type WireError } from "./errors/s3-error-from-wire.ts";
export { S3Error, s3Error, type S3ErrorOptions } from "./errors/s3-error.ts";
export { multipartEtag, quoteEtag, unquoteEtag } from "./etag.ts";
export { checkBucketName, checkKey, isBucketName } from "./names.ts";
export { didYouMean } from "./nearest.ts";
export { identify, type RequestShape } from "./operations/identify.ts";
export type { BodyKind, OperationRow, TargetKind, Verb } from "./operations/row.ts";
export { operations, type OperationName } from "./operations/table.ts";
export { contentRange, parseCopyRange, parseRange, type ByteRange } from "./ranges.ts";
export {
  authFailureOf,
  authFailures,
  type AuthFailure,
  type AuthFailureReason,
} from "./sigv4/auth-failures.ts";
export { readAuthorization } from "./sigv4/authorization.ts";
export { uriEncode } from "./sigv4/canonical-request.ts";
export type { RequestLine } from "./sigv4/canonical-request.ts";
export { ChunkChain, type ChunkSignature } from "./sigv4/chunk-chain.ts";
export { ChunkVerifier } from "./sigv4/chunk-verifier.ts";
export { payloadModes } from "./sigv4/payload-declaration.ts";
export { checkPostPolicy, type FileSizes } from "./sigv4/post-policy/check-policy.ts";
export {
  readPolicySignature,
  verifyPolicySignature,
  type FormFields,
  type PresentedPolicy,
} from "./sigv4/post-policy/policy-signature.ts";
export {
  readPostPolicy,
  type PolicyCondition,
  type PostPolicy,
} from "./sigv4/post-policy/read-policy.ts";
export { presign, type PresignOptions } from "./sigv4/presign.ts";
export { asHeaderValue, claimsToSign, presignedParameters } from "./sigv4/presigned.ts";
export type { Presented } from "./sigv4/presented.ts";
export { policySignerFields, signPolicy } from "./sigv4/sign-policy.ts";
export { chunkChain, signRequest, type SignableRequest } from "./sigv4/sign.ts";
export { SigningKeys } from "./sigv4/signing-keys.ts";
export type { SigningCredentials, SigningOptions } from "./sigv4/signing-options.ts";
export { verify, type PayloadMode, type Verified } from "./sigv4/verify.ts";
export { ChunkedDecoder, type ChunkedDecoderOptions } from "./streaming/chunked-decoder.ts";
export {
  ChunkedEncoder,
  chunkedLength,
  type ChunkedEncoderOptions,
} from "./streaming/chunked-encoder.ts";
export {
  parseCopySource,
  parseQuery,
  splitTarget,
  type CopySource,
  type Target,
} from "./target.ts";
export { childNamed, childText, childrenNamed, type XmlElement } from "./xml/element.ts";
export { readXml, type XmlLimits } from "./xml/reader.ts";
export { renderResult, renderXml, type XmlContent, type XmlField } from "./xml/writer.ts";
