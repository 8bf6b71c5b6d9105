export type { AnswerBody } from "./bodies/answer-body.ts";
export {
  type ByteSource,
  endOrigin,
  type OnceSource,
  type Origin,
  originOf,
  type SourceFactory,
} from "./bodies/source-reader.ts";
export type { RequestBody } from "./bodies/to-replayable-body.ts";
export { S3Client } from "./client.ts";
export { S3Connection } from "./connection.ts";
export type { CredentialProvider, Credentials } from "./credentials/credentials.ts";
export type { Environment } from "./credentials/environment.ts";
export { fromContainer } from "./credentials/from-container.ts";
export { fromDefaultChain } from "./credentials/from-default-chain.ts";
export { type EnvironmentOptions, fromEnvironment } from "./credentials/from-environment.ts";
export { fromInstanceMetadata } from "./credentials/from-instance-metadata.ts";
export { fromSharedFiles } from "./credentials/from-shared-files.ts";
export { fromStatic } from "./credentials/from-static.ts";
export { fromWebIdentity } from "./credentials/from-web-identity.ts";
export type { SharedFilesOptions } from "./credentials/shared-files.ts";
export type { Addressing } from "./endpoints/endpoint.ts";
export type { ProviderName } from "./endpoints/providers.ts";
export type { CauseSummary } from "./errors/cause-summary.ts";
export {
  S3AbortedError,
  S3AccessDeniedError,
  S3ClientError,
  S3ConflictError,
  S3IntegrityError,
  S3InvalidRequestError,
  S3NotFoundError,
  S3PreconditionFailedError,
  S3ServerError,
  S3SourceError,
  S3ThrottledError,
  S3TimeoutError,
  S3TransportError,
} from "./errors/classes.ts";
export {
  describeFailure,
  type FailureReport,
  type FailureReportError,
} from "./errors/describe-failure.ts";
export {
  type AttemptRecord,
  type OperationContext,
  S3Error,
  type S3ErrorFields,
  type S3ErrorJson,
} from "./errors/s3-error.ts";
export {
  deleteBucketCors,
  getBucketCors,
  type GetBucketCorsOutput,
  putBucketCors,
  type PutBucketCorsInput,
} from "./operations/bucket-cors.ts";
export {
  deleteBucketEncryption,
  getBucketEncryption,
  type GetBucketEncryptionOutput,
  putBucketEncryption,
  type PutBucketEncryptionInput,
} from "./operations/bucket-encryption.ts";
export {
  deleteBucketLifecycle,
  getBucketLifecycleConfiguration,
  type GetBucketLifecycleConfigurationOutput,
  putBucketLifecycleConfiguration,
  type PutBucketLifecycleConfigurationInput,
} from "./operations/bucket-lifecycle.ts";
export { type BucketLocationOutput, getBucketLocation } from "./operations/bucket-location.ts";
export {
  getBucketNotificationConfiguration,
  type GetBucketNotificationConfigurationOutput,
  putBucketNotificationConfiguration,
  type PutBucketNotificationConfigurationInput,
} from "./operations/bucket-notification.ts";
export {
  type BucketPolicyOutput,
  deleteBucketPolicy,
  getBucketPolicy,
  putBucketPolicy,
  type PutBucketPolicyInput,
} from "./operations/bucket-policy.ts";
export {
  getBucketVersioning,
  type GetBucketVersioningOutput,
  putBucketVersioning,
  type PutBucketVersioningInput,
} from "./operations/bucket-versioning.ts";
export {
  type BucketEntry,
  type BucketsPage,
  createBucket,
  type CreateBucketInput,
  type CreateBucketOutput,
  deleteBucket,
  headBucket,
  type HeadBucketOutput,
  listBuckets,
  type ListBucketsInput,
} from "./operations/buckets.ts";
export { copyObject, type CopyObjectInput } from "./operations/copy-object.ts";
export {
  deleteObject,
  type DeleteObjectInput,
  type DeleteObjectOutput,
} from "./operations/delete-object.ts";
export {
  deleteObjects,
  type DeleteObjectsInput,
  type DeleteObjectsOutput,
  type DeleteOutcome,
  type ObjectToDelete,
} from "./operations/delete-objects.ts";
export { getObject, getObjectIfExists, type GetObjectOutput } from "./operations/get-object.ts";
export { exists, type ExistsInput, headObject } from "./operations/head-object.ts";
export type { BucketInput, KeyInput, ObjectInput } from "./operations/inputs.ts";
export {
  listMultipartUploads,
  type ListMultipartUploadsInput,
  type UploadEntry,
  type UploadsPage,
} from "./operations/list-multipart-uploads.ts";
export {
  listObjectVersions,
  type ListObjectVersionsInput,
  type VersionEntry,
  type VersionsPage,
} from "./operations/list-object-versions.ts";
export {
  listObjectsV1,
  type ListObjectsV1Input,
  type ObjectsV1Page,
} from "./operations/list-objects-v1.ts";
export {
  type KeysInput,
  listObjects,
  type ListObjectsInput,
  type ObjectEntry,
  type ObjectsPage,
} from "./operations/list-objects.ts";
export {
  listParts,
  type ListPartsInput,
  type PartEntry,
  type PartsPage,
} from "./operations/list-parts.ts";
export type { Listing } from "./operations/listing.ts";
export {
  abortMultipartUpload,
  type AbortMultipartUploadInput,
  type CompletedPart,
  completeMultipartUpload,
  type CompleteMultipartUploadInput,
  type CompleteMultipartUploadOutput,
  createMultipartUpload,
  type CreateMultipartUploadInput,
  type CreateMultipartUploadOutput,
  type UploadInput,
} from "./operations/multipart-upload.ts";
export {
  getObjectAcl,
  type GetObjectAclOutput,
  putObjectAcl,
  type PutObjectAclInput,
} from "./operations/object-acl.ts";
export {
  getObjectAttributes,
  type GetObjectAttributesInput,
  type ObjectAttribute,
  type ObjectAttributes,
  type ObjectPart,
} from "./operations/object-attributes.ts";
export {
  getObjectLegalHold,
  type GetObjectLegalHoldOutput,
  getObjectLockConfiguration,
  type GetObjectLockConfigurationOutput,
  getObjectRetention,
  type GetObjectRetentionOutput,
  putObjectLegalHold,
  type PutObjectLegalHoldInput,
  putObjectLockConfiguration,
  type PutObjectLockConfigurationInput,
  putObjectRetention,
  type PutObjectRetentionInput,
} from "./operations/object-lock.ts";
export type { CopySourceInput, GivenChecksum, RangeInput } from "./operations/object-parts.ts";
export type { Receipt } from "./operations/perform.ts";
export {
  deletePublicAccessBlock,
  getPublicAccessBlock,
  type GetPublicAccessBlockOutput,
  putPublicAccessBlock,
  type PutPublicAccessBlockInput,
} from "./operations/public-access-block.ts";
export {
  type NewObjectInput,
  putObject,
  type PutObjectInput,
  type PutObjectOutput,
  writeIdName,
} from "./operations/put-object.ts";
export type {
  NotModified,
  ObjectDescription,
  ReadObjectInput,
  ResponseOverrides,
  UnconditionalReadInput,
} from "./operations/read-object.ts";
export {
  restoreObject,
  type RestoreObjectInput,
  type RestoreObjectOutput,
} from "./operations/restore-object.ts";
export {
  deleteBucketTagging,
  deleteObjectTagging,
  getBucketTagging,
  getObjectTagging,
  putBucketTagging,
  type PutBucketTaggingInput,
  putObjectTagging,
  type PutObjectTaggingInput,
  type TaggingInput,
  type TaggingOutput,
} from "./operations/tagging.ts";
export {
  type CopyFromInput,
  type CopyOutput,
  type PartInput,
  uploadPart,
  uploadPartCopy,
  type UploadPartCopyInput,
  type UploadPartInput,
} from "./operations/upload-part.ts";
export type { ExpiryInput, PresignContext } from "./presign/context.ts";
export {
  type PostCondition,
  type PresignedPost,
  presignPost,
  type PresignPostInput,
} from "./presign/presign-post.ts";
export {
  presignDelete,
  type PresignDeleteInput,
  type PresignedUrl,
  presignGet,
  type PresignGetInput,
  presignHead,
  presignPut,
  type PresignPutInput,
  presignUploadPart,
  type PresignUploadPartInput,
} from "./presign/presign-url.ts";
export type { Answer, Call, CallOptions, Connection } from "./request/call.ts";
export { freeRequest, type FreeAnswer, type FreeRequest } from "./request/free-request.ts";
export type { AwsConfigOptions } from "./request/options-of-aws.ts";
export type { S3ClientOptions, S3ConnectionOptions, Timeouts } from "./request/settings.ts";
export {
  batch,
  type BatchAttempt,
  type BatchOptions,
  type BatchOutcome,
  batchStream,
} from "./resilience/batch.ts";
export type { BreakerLease } from "./resilience/breaker-lease.ts";
export type { BreakerEvent, CircuitBreakerOptions } from "./resilience/breaker-rules.ts";
export { type BreakerVerdict, breakerVerdict } from "./resilience/breaker-verdict.ts";
export {
  type BreakerSnapshot,
  type BreakerState,
  CircuitBreaker,
} from "./resilience/circuit-breaker.ts";
export { CircuitOpenError } from "./resilience/circuit-open-error.ts";
export { DiskCache, type DiskCacheOptions } from "./resilience/disk-cache.ts";
export { endpointBreaker, type EndpointBreaker } from "./resilience/endpoint-breaker.ts";
export { FallbackError, type SourceFailure } from "./resilience/fallback-error.ts";
export {
  type FallbackInput,
  type FallbackObject,
  type ObjectFallbackOptions,
  type ObjectSource,
  withFallback,
} from "./resilience/fallback.ts";
export {
  type FallbackOptions,
  firstSource,
  type FromSource,
  type NamedSource,
} from "./resilience/first-source.ts";
export { isOutage } from "./resilience/is-outage.ts";
export { isRetryable } from "./resilience/is-retryable.ts";
export type { ReadableObject } from "./resilience/object-summary.ts";
export { RetryBudget } from "./resilience/retry-budget.ts";
export {
  retry,
  type RetryAttempt,
  type RetryNotice,
  type RetryOptions,
} from "./resilience/retry.ts";
export { s3Retry } from "./resilience/s3-retry.ts";
export { tell } from "./resilience/tell.ts";
export type {
  AttemptEvent,
  BreakerChangeEvent,
  ErrorEvent,
  ProgressEvent,
  RequestEvent,
  ResponseEvent,
  RetryEvent,
  S3Event,
} from "./tracing/event.ts";
export type { EventHook } from "./tracing/events.ts";
export { type EventLogger, logEvents, type LogEventsOptions } from "./tracing/log-events.ts";
export {
  type OperationSpan,
  type OperationTracer,
  type SpanAttributes,
  traceOperations,
  type TraceOperationsOptions,
} from "./tracing/trace-operations.ts";
export { copy, type ManagedCopyInput, type ManagedCopyOutput } from "./transfer/copy.ts";
export { download, type DownloadInput, type DownloadOutput } from "./transfer/download.ts";
export type { MultipartInput, MultipartOutput } from "./transfer/multipart-transfer.ts";
export type { TransferProgress } from "./transfer/progress.ts";
export { type ManagedUploadInput, type ManagedUploadOutput, upload } from "./transfer/upload.ts";
