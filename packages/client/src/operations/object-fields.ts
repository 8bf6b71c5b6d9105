import type { HeaderTable } from "./header-table.ts";

/** What any request to a bucket may say. */
export const requestFields = {
  /** The account that must own the bucket, or the request is refused. */
  expectedBucketOwner: ["x-amz-expected-bucket-owner", "text"],
  /** `requester` accepts the costs of a bucket that leaves them to its readers. */
  requestPayer: ["x-amz-request-payer", "text"],
} as const satisfies HeaderTable;

/** What is stored with an object and given back with it. */
export const contentFields = {
  cacheControl: ["cache-control", "text"],
  contentDisposition: ["content-disposition", "text"],
  contentEncoding: ["content-encoding", "text"],
  contentLanguage: ["content-language", "text"],
  contentType: ["content-type", "text"],
  /** As it was sent: S3 does not check that it is a date. */
  expires: ["expires", "text"],
  websiteRedirectLocation: ["x-amz-website-redirect-location", "text"],
  storageClass: ["x-amz-storage-class", "text"],
  objectLockMode: ["x-amz-object-lock-mode", "text"],
  objectLockRetainUntilDate: ["x-amz-object-lock-retain-until-date", "date"],
  objectLockLegalHoldStatus: ["x-amz-object-lock-legal-hold", "text"],
} as const satisfies HeaderTable;

/** How an object is encrypted where it is stored. */
export const encryptionFields = {
  serverSideEncryption: ["x-amz-server-side-encryption", "text"],
  sseKmsKeyId: ["x-amz-server-side-encryption-aws-kms-key-id", "text"],
  /** Base64 of JSON. */
  sseKmsEncryptionContext: ["x-amz-server-side-encryption-context", "text"],
  bucketKeyEnabled: ["x-amz-server-side-encryption-bucket-key-enabled", "boolean"],
} as const satisfies HeaderTable;

/** How an answer says which of the caller's keys was used. */
export const customerKeyAnswerFields = {
  sseCustomerAlgorithm: ["x-amz-server-side-encryption-customer-algorithm", "text"],
  sseCustomerKeyMd5: ["x-amz-server-side-encryption-customer-key-md5", "text"],
} as const satisfies HeaderTable;

/** Who may do what, on an object or a bucket. */
export const aclFields = {
  acl: ["x-amz-acl", "text"],
  grantFullControl: ["x-amz-grant-full-control", "text"],
  grantRead: ["x-amz-grant-read", "text"],
  grantReadAcp: ["x-amz-grant-read-acp", "text"],
  grantWrite: ["x-amz-grant-write", "text"],
  grantWriteAcp: ["x-amz-grant-write-acp", "text"],
} as const satisfies HeaderTable;

/** Conditions that a write or delete may set. Etags with quotes or without; `*` is any. */
export const writeConditionFields = {
  ifMatch: ["if-match", "etag"],
  ifNoneMatch: ["if-none-match", "etag"],
} as const satisfies HeaderTable;

/** Conditions that a read may set. */
export const readConditionFields = {
  ...writeConditionFields,
  ifModifiedSince: ["if-modified-since", "http-date"],
  ifUnmodifiedSince: ["if-unmodified-since", "http-date"],
} as const satisfies HeaderTable;

/** What the answer to a write tells. */
export const writtenFields = {
  ...encryptionFields,
  ...customerKeyAnswerFields,
  versionId: ["x-amz-version-id", "text"],
  /** When a lifecycle rule will remove it, as S3 words it. */
  expiration: ["x-amz-expiration", "text"],
  requestCharged: ["x-amz-request-charged", "text"],
} as const satisfies HeaderTable;

/** What the answer to a read tells beside the object. */
export const describedFields = {
  ...contentFields,
  ...writtenFields,
  acceptRanges: ["accept-ranges", "text"],
  /** Of this answer, in bytes: of a range the range's own. */
  contentLength: ["content-length", "integer"],
  contentRange: ["content-range", "text"],
  deleteMarker: ["x-amz-delete-marker", "boolean"],
  lastModified: ["last-modified", "http-date"],
  missingMeta: ["x-amz-missing-meta", "integer"],
  partsCount: ["x-amz-mp-parts-count", "integer"],
  replicationStatus: ["x-amz-replication-status", "text"],
  restore: ["x-amz-restore", "text"],
  tagCount: ["x-amz-tagging-count", "integer"],
  archiveStatus: ["x-amz-archive-status", "text"],
} as const satisfies HeaderTable;
