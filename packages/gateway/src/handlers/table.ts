import type { OperationName } from "@holdfast/protocol";
import {
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  getObjectTagging,
  headBucket,
} from "./bucket.ts";
import { completeMultipartUpload } from "./complete-upload.ts";
import { copyObject } from "./copy-object.ts";
import { createBucket } from "./create-bucket.ts";
import { deleteObject } from "./delete-object.ts";
import { deleteObjects } from "./delete-objects.ts";
import { getObject, headObject } from "./get-object.ts";
import type { Handler } from "./handler.ts";
import { listBuckets } from "./list-buckets.ts";
import { listObjects, listObjectsV2 } from "./list-objects.ts";
import { putObject } from "./put-object.ts";
import { uploadPart, uploadPartCopy } from "./upload-part.ts";
import {
  abortMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
} from "./uploads.ts";

/** What runs each row of the operation table; a row without one does not compile. */
export const handlers: Readonly<Record<OperationName, Handler>> = {
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
  PutObject: putObject,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
};
