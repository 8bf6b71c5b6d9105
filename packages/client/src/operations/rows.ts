import type { TargetKind } from "@holdfast/protocol";

/** How an operation is asked for; of one that the protocol has as well, what the protocol says. */
export interface ClientRow {
  readonly name: string;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly target: TargetKind;
  /** Query parameters that make the operation. `name=value` fixes the value. */
  readonly requires?: readonly string[];
  /** Sending it twice leaves what sending it once does. */
  readonly idempotent: boolean;
}

export const abortMultipartUpload: ClientRow = {
  name: "AbortMultipartUpload",
  target: "object",
  method: "DELETE",
  requires: ["uploadId"],
  idempotent: true,
};
export const completeMultipartUpload: ClientRow = {
  name: "CompleteMultipartUpload",
  target: "object",
  method: "POST",
  requires: ["uploadId"],
  idempotent: true,
};
export const copyObject: ClientRow = {
  name: "CopyObject",
  target: "object",
  method: "PUT",
  idempotent: true,
};
export const createBucket: ClientRow = {
  name: "CreateBucket",
  target: "bucket",
  method: "PUT",
  idempotent: true,
};
export const createMultipartUpload: ClientRow = {
  name: "CreateMultipartUpload",
  target: "object",
  method: "POST",
  requires: ["uploads"],
  idempotent: false,
};
export const deleteBucket: ClientRow = {
  name: "DeleteBucket",
  target: "bucket",
  method: "DELETE",
  idempotent: true,
};
export const deleteBucketCors: ClientRow = {
  name: "DeleteBucketCors",
  target: "bucket",
  method: "DELETE",
  requires: ["cors"],
  idempotent: true,
};
export const deleteBucketEncryption: ClientRow = {
  name: "DeleteBucketEncryption",
  target: "bucket",
  method: "DELETE",
  requires: ["encryption"],
  idempotent: true,
};
export const deleteBucketLifecycle: ClientRow = {
  name: "DeleteBucketLifecycle",
  target: "bucket",
  method: "DELETE",
  requires: ["lifecycle"],
  idempotent: true,
};
export const deleteBucketPolicy: ClientRow = {
  name: "DeleteBucketPolicy",
  target: "bucket",
  method: "DELETE",
  requires: ["policy"],
  idempotent: true,
};
export const deleteBucketTagging: ClientRow = {
  name: "DeleteBucketTagging",
  target: "bucket",
  method: "DELETE",
  requires: ["tagging"],
  idempotent: true,
};
export const deleteObject: ClientRow = {
  name: "DeleteObject",
  target: "object",
  method: "DELETE",
  idempotent: true,
};
export const deleteObjectTagging: ClientRow = {
  name: "DeleteObjectTagging",
  target: "object",
  method: "DELETE",
  requires: ["tagging"],
  idempotent: true,
};
export const deleteObjects: ClientRow = {
  name: "DeleteObjects",
  target: "bucket",
  method: "POST",
  requires: ["delete"],
  idempotent: true,
};
export const deletePublicAccessBlock: ClientRow = {
  name: "DeletePublicAccessBlock",
  target: "bucket",
  method: "DELETE",
  requires: ["publicAccessBlock"],
  idempotent: true,
};
export const getBucketCors: ClientRow = {
  name: "GetBucketCors",
  target: "bucket",
  method: "GET",
  requires: ["cors"],
  idempotent: true,
};
export const getBucketEncryption: ClientRow = {
  name: "GetBucketEncryption",
  target: "bucket",
  method: "GET",
  requires: ["encryption"],
  idempotent: true,
};
export const getBucketLifecycleConfiguration: ClientRow = {
  name: "GetBucketLifecycleConfiguration",
  target: "bucket",
  method: "GET",
  requires: ["lifecycle"],
  idempotent: true,
};
export const getBucketLocation: ClientRow = {
  name: "GetBucketLocation",
  target: "bucket",
  method: "GET",
  requires: ["location"],
  idempotent: true,
};
export const getBucketNotificationConfiguration: ClientRow = {
  name: "GetBucketNotificationConfiguration",
  target: "bucket",
  method: "GET",
  requires: ["notification"],
  idempotent: true,
};
export const getBucketPolicy: ClientRow = {
  name: "GetBucketPolicy",
  target: "bucket",
  method: "GET",
  requires: ["policy"],
  idempotent: true,
};
export const getBucketTagging: ClientRow = {
  name: "GetBucketTagging",
  target: "bucket",
  method: "GET",
  requires: ["tagging"],
  idempotent: true,
};
export const getBucketVersioning: ClientRow = {
  name: "GetBucketVersioning",
  target: "bucket",
  method: "GET",
  requires: ["versioning"],
  idempotent: true,
};
export const getObject: ClientRow = {
  name: "GetObject",
  target: "object",
  method: "GET",
  idempotent: true,
};
export const getObjectAcl: ClientRow = {
  name: "GetObjectAcl",
  target: "object",
  method: "GET",
  requires: ["acl"],
  idempotent: true,
};
export const getObjectAttributes: ClientRow = {
  name: "GetObjectAttributes",
  target: "object",
  method: "GET",
  requires: ["attributes"],
  idempotent: true,
};
export const getObjectLegalHold: ClientRow = {
  name: "GetObjectLegalHold",
  target: "object",
  method: "GET",
  requires: ["legal-hold"],
  idempotent: true,
};
export const getObjectLockConfiguration: ClientRow = {
  name: "GetObjectLockConfiguration",
  target: "bucket",
  method: "GET",
  requires: ["object-lock"],
  idempotent: true,
};
export const getObjectRetention: ClientRow = {
  name: "GetObjectRetention",
  target: "object",
  method: "GET",
  requires: ["retention"],
  idempotent: true,
};
export const getObjectTagging: ClientRow = {
  name: "GetObjectTagging",
  target: "object",
  method: "GET",
  requires: ["tagging"],
  idempotent: true,
};
export const getPublicAccessBlock: ClientRow = {
  name: "GetPublicAccessBlock",
  target: "bucket",
  method: "GET",
  requires: ["publicAccessBlock"],
  idempotent: true,
};
export const headBucket: ClientRow = {
  name: "HeadBucket",
  target: "bucket",
  method: "HEAD",
  idempotent: true,
};
export const headObject: ClientRow = {
  name: "HeadObject",
  target: "object",
  method: "HEAD",
  idempotent: true,
};
export const listBuckets: ClientRow = {
  name: "ListBuckets",
  target: "service",
  method: "GET",
  idempotent: true,
};
export const listMultipartUploads: ClientRow = {
  name: "ListMultipartUploads",
  target: "bucket",
  method: "GET",
  requires: ["uploads"],
  idempotent: true,
};
export const listObjectVersions: ClientRow = {
  name: "ListObjectVersions",
  target: "bucket",
  method: "GET",
  requires: ["versions"],
  idempotent: true,
};
export const listObjects: ClientRow = {
  name: "ListObjects",
  target: "bucket",
  method: "GET",
  idempotent: true,
};
export const listObjectsV2: ClientRow = {
  name: "ListObjectsV2",
  target: "bucket",
  method: "GET",
  requires: ["list-type=2"],
  idempotent: true,
};
export const listParts: ClientRow = {
  name: "ListParts",
  target: "object",
  method: "GET",
  requires: ["uploadId"],
  idempotent: true,
};
export const putBucketCors: ClientRow = {
  name: "PutBucketCors",
  target: "bucket",
  method: "PUT",
  requires: ["cors"],
  idempotent: true,
};
export const putBucketEncryption: ClientRow = {
  name: "PutBucketEncryption",
  target: "bucket",
  method: "PUT",
  requires: ["encryption"],
  idempotent: true,
};
export const putBucketLifecycleConfiguration: ClientRow = {
  name: "PutBucketLifecycleConfiguration",
  target: "bucket",
  method: "PUT",
  requires: ["lifecycle"],
  idempotent: true,
};
export const putBucketNotificationConfiguration: ClientRow = {
  name: "PutBucketNotificationConfiguration",
  target: "bucket",
  method: "PUT",
  requires: ["notification"],
  idempotent: true,
};
export const putBucketPolicy: ClientRow = {
  name: "PutBucketPolicy",
  target: "bucket",
  method: "PUT",
  requires: ["policy"],
  idempotent: true,
};
export const putBucketTagging: ClientRow = {
  name: "PutBucketTagging",
  target: "bucket",
  method: "PUT",
  requires: ["tagging"],
  idempotent: true,
};
export const putBucketVersioning: ClientRow = {
  name: "PutBucketVersioning",
  target: "bucket",
  method: "PUT",
  requires: ["versioning"],
  idempotent: true,
};
export const putObject: ClientRow = {
  name: "PutObject",
  target: "object",
  method: "PUT",
  idempotent: true,
};
export const putObjectAcl: ClientRow = {
  name: "PutObjectAcl",
  target: "object",
  method: "PUT",
  requires: ["acl"],
  idempotent: true,
};
export const putObjectLegalHold: ClientRow = {
  name: "PutObjectLegalHold",
  target: "object",
  method: "PUT",
  requires: ["legal-hold"],
  idempotent: true,
};
export const putObjectLockConfiguration: ClientRow = {
  name: "PutObjectLockConfiguration",
  target: "bucket",
  method: "PUT",
  requires: ["object-lock"],
  idempotent: true,
};
export const putObjectRetention: ClientRow = {
  name: "PutObjectRetention",
  target: "object",
  method: "PUT",
  requires: ["retention"],
  idempotent: true,
};
export const putObjectTagging: ClientRow = {
  name: "PutObjectTagging",
  target: "object",
  method: "PUT",
  requires: ["tagging"],
  idempotent: true,
};
export const putPublicAccessBlock: ClientRow = {
  name: "PutPublicAccessBlock",
  target: "bucket",
  method: "PUT",
  requires: ["publicAccessBlock"],
  idempotent: true,
};
export const restoreObject: ClientRow = {
  name: "RestoreObject",
  target: "object",
  method: "POST",
  requires: ["restore"],
  idempotent: true,
};
export const uploadPart: ClientRow = {
  name: "UploadPart",
  target: "object",
  method: "PUT",
  requires: ["partNumber", "uploadId"],
  idempotent: true,
};
export const uploadPartCopy: ClientRow = {
  name: "UploadPartCopy",
  target: "object",
  method: "PUT",
  requires: ["partNumber", "uploadId"],
  idempotent: true,
};
