import type { OperationName } from "@holdfast/protocol";
import { abortMultipartUpload } from "./abort-upload.ts";
import { deleteBucketCors, getBucketCors, putBucketCors } from "./bucket-cors.ts";
import { completeMultipartUpload } from "./complete-upload.ts";
import { copyObject } from "./copy-object.ts";
import { createBucket } from "./create-bucket.ts";
import { createMultipartUpload } from "./create-upload.ts";
import { deleteBucket } from "./delete-bucket.ts";
import { deleteObject } from "./delete-object.ts";
import { deleteObjects } from "./delete-objects.ts";
import { getBucketLocation } from "./get-bucket-location.ts";
import { getBucketVersioning } from "./get-bucket-versioning.ts";
import { getObjectTagging } from "./get-object-tagging.ts";
import { getObject } from "./get-object.ts";
import type { Handler, SettingHandler } from "./handler.ts";
import { headBucket } from "./head-bucket.ts";
import { headObject } from "./head-object.ts";
import { listBuckets } from "./list-buckets.ts";
import { listObjects, listObjectsV2 } from "./list-objects.ts";
import { listParts } from "./list-parts.ts";
import { listMultipartUploads } from "./list-uploads.ts";
import { postObject } from "./post-object.ts";
import { putObject } from "./put-object.ts";
import { uploadPartCopy } from "./upload-part-copy.ts";
import { uploadPart } from "./upload-part.ts";

/** Operations on what the control plane keeps of a bucket; an upstream never sees them. */
export const settings = {
  DeleteBucketCors: deleteBucketCors,
  GetBucketCors: getBucketCors,
  PutBucketCors: putBucketCors,
} as const satisfies Partial<Record<OperationName, SettingHandler>>;

type SettingName = keyof typeof settings;

/** Whether the operation is one on settings. */
export function isSetting(operation: OperationName): operation is SettingName {
  return Object.hasOwn(settings, operation);
}

/** What runs each other row of the operation table; a row without one does not compile. */
export const handlers: Readonly<Record<Exclude<OperationName, SettingName>, Handler>> = {
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CopyObject: copyObject,
  CreateBucket: createBucket,
  CreateMultipartUpload: createMultipartUpload,
  DeleteBucket: deleteBucket,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  GetBucketLocation: getBucketLocation,
  GetBucketVersioning: getBucketVersioning,
  GetObject: getObject,
  GetObjectTagging: getObjectTagging,
  HeadBucket: headBucket,
  HeadObject: headObject,
  ListBuckets: listBuckets,
  ListMultipartUploads: listMultipartUploads,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListParts: listParts,
  PostObject: postObject,
  PutObject: putObject,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
};
