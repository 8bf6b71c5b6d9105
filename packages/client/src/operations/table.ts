import { operations, type OperationRow } from "@holdfast/protocol";

const bucketSetting = { target: "bucket", verb: "manage", idempotent: true } as const;
const getBucket = { ...bucketSetting, method: "GET", body: "none" } as const;
const putBucket = { ...bucketSetting, method: "PUT", body: "xml" } as const;
const deleteBucket = { ...bucketSetting, method: "DELETE", body: "none" } as const;

const objectSetting = { target: "object", idempotent: true } as const;
const getObject = { ...objectSetting, method: "GET", verb: "read", body: "none" } as const;
const putObject = { ...objectSetting, method: "PUT", verb: "write", body: "xml" } as const;

/** Operations of S3 that Holdfast's gateway does not answer and other services do. */
const further = {
  DeleteBucketCors: { ...deleteBucket, requires: ["cors"] },
  DeleteBucketEncryption: { ...deleteBucket, requires: ["encryption"] },
  DeleteBucketLifecycle: { ...deleteBucket, requires: ["lifecycle"] },
  DeleteBucketPolicy: { ...deleteBucket, requires: ["policy"] },
  DeleteBucketTagging: { ...deleteBucket, requires: ["tagging"] },
  DeleteObjectTagging: {
    ...objectSetting,
    method: "DELETE",
    verb: "delete",
    body: "none",
    requires: ["tagging"],
  },
  DeletePublicAccessBlock: { ...deleteBucket, requires: ["publicAccessBlock"] },
  GetBucketCors: { ...getBucket, requires: ["cors"] },
  GetBucketEncryption: { ...getBucket, requires: ["encryption"] },
  GetBucketLifecycleConfiguration: { ...getBucket, requires: ["lifecycle"] },
  GetBucketNotificationConfiguration: { ...getBucket, requires: ["notification"] },
  GetBucketPolicy: { ...getBucket, requires: ["policy"] },
  GetBucketTagging: { ...getBucket, requires: ["tagging"] },
  GetObjectAcl: { ...getObject, requires: ["acl"] },
  GetObjectAttributes: { ...getObject, requires: ["attributes"] },
  GetObjectLegalHold: { ...getObject, requires: ["legal-hold"] },
  GetObjectLockConfiguration: { ...getBucket, requires: ["object-lock"] },
  GetObjectRetention: { ...getObject, requires: ["retention"] },
  GetPublicAccessBlock: { ...getBucket, requires: ["publicAccessBlock"] },
  ListObjectVersions: { ...getBucket, verb: "list", requires: ["versions"] },
  PutBucketCors: { ...putBucket, requires: ["cors"] },
  PutBucketEncryption: { ...putBucket, requires: ["encryption"] },
  PutBucketLifecycleConfiguration: { ...putBucket, requires: ["lifecycle"] },
  PutBucketNotificationConfiguration: { ...putBucket, requires: ["notification"] },
  PutBucketPolicy: { ...putBucket, requires: ["policy"] },
  PutBucketTagging: { ...putBucket, requires: ["tagging"] },
  PutBucketVersioning: { ...putBucket, requires: ["versioning"] },
  PutObjectAcl: { ...putObject, requires: ["acl"] },
  PutObjectLegalHold: { ...putObject, requires: ["legal-hold"] },
  PutObjectLockConfiguration: { ...putBucket, requires: ["object-lock"] },
  PutObjectRetention: { ...putObject, requires: ["retention"] },
  PutObjectTagging: { ...putObject, requires: ["tagging"] },
  PutPublicAccessBlock: { ...putBucket, requires: ["publicAccessBlock"] },
  RestoreObject: { ...putObject, method: "POST", requires: ["restore"] },
} as const satisfies Readonly<Record<string, OperationRow>>;

/** How each operation of the client is asked for: the protocol's own rows, and those it has no need of. */
export const operationRows = { ...operations, ...further };

export type ClientOperation = keyof typeof operationRows;
