import { presignPost, type PresignedPost, type PresignPostInput } from "./presign/presign-post.ts";
import {
  presignDelete,
  presignGet,
  presignHead,
  presignPut,
  presignUploadPart,
  type PresignDeleteInput,
  type PresignedUrl,
  type PresignGetInput,
  type PresignPutInput,
  type PresignUploadPartInput,
} from "./presign/presign-url.ts";
import { copyObject, type CopyObjectInput } from "./operations/copy-object.ts";
import {
  deleteObject,
  type DeleteObjectInput,
  type DeleteObjectOutput,
} from "./operations/delete-object.ts";
import {
  deleteObjects,
  type DeleteObjectsOutput,
  type DeleteObjectsInput,
} from "./operations/delete-objects.ts";
import { getObject, getObjectIfExists, type GetObjectOutput } from "./operations/get-object.ts";
import { headObject, exists, type ExistsInput } from "./operations/head-object.ts";
import type { BucketInput, ObjectInput } from "./operations/inputs.ts";
import {
  listMultipartUploads,
  type ListMultipartUploadsInput,
  type UploadsPage,
  type UploadEntry,
} from "./operations/list-multipart-uploads.ts";
import {
  listObjectVersions,
  type VersionsPage,
  type VersionEntry,
  type ListObjectVersionsInput,
} from "./operations/list-object-versions.ts";
import {
  listObjectsV1,
  type ListObjectsV1Input,
  type ObjectsV1Page,
} from "./operations/list-objects-v1.ts";
import {
  listObjects,
  type ObjectEntry,
  type ListObjectsInput,
  type ObjectsPage,
} from "./operations/list-objects.ts";
import {
  listParts,
  type PartEntry,
  type ListPartsInput,
  type PartsPage,
} from "./operations/list-parts.ts";
import type { Listing } from "./operations/listing.ts";
import {
  createMultipartUpload,
  abortMultipartUpload,
  completeMultipartUpload,
  type CreateMultipartUploadOutput,
  type AbortMultipartUploadInput,
  type CompleteMultipartUploadInput,
  type CreateMultipartUploadInput,
  type CompleteMultipartUploadOutput,
} from "./operations/multipart-upload.ts";
import {
  getObjectAcl,
  putObjectAcl,
  type GetObjectAclOutput,
  type PutObjectAclInput,
} from "./operations/object-acl.ts";
import {
  getObjectAttributes,
  type GetObjectAttributesInput,
  type ObjectAttributes,
} from "./operations/object-attributes.ts";
import {
  getObjectLockConfiguration,
  putObjectLockConfiguration,
  getObjectLegalHold,
  putObjectLegalHold,
  getObjectRetention,
  putObjectRetention,
  type PutObjectLegalHoldInput,
  type GetObjectLockConfigurationOutput,
  type PutObjectLockConfigurationInput,
  type GetObjectRetentionOutput,
  type PutObjectRetentionInput,
  type GetObjectLegalHoldOutput,
} from "./operations/object-lock.ts";
import type { Receipt } from "./operations/perform.ts";
import { putObject, type PutObjectOutput, type PutObjectInput } from "./operations/put-object.ts";
import type {
  NotModified,
  ObjectDescription,
  ReadObjectInput,
  UnconditionalReadInput,
} from "./operations/read-object.ts";
import {
  restoreObject,
  type RestoreObjectInput,
  type RestoreObjectOutput,
} from "./operations/restore-object.ts";
import {
  getObjectTagging,
  putObjectTagging,
  deleteObjectTagging,
  getBucketTagging,
  putBucketTagging,
  deleteBucketTagging,
  type TaggingOutput,
  type PutBucketTaggingInput,
  type PutObjectTaggingInput,
} from "./operations/tagging.ts";
import {
  uploadPart,
  uploadPartCopy,
  type CopyOutput,
  type UploadPartCopyInput,
  type UploadPartInput,
} from "./operations/upload-part.ts";
import { copy, type ManagedCopyInput, type ManagedCopyOutput } from "./transfer/copy.ts";
import { download, type DownloadOutput, type DownloadInput } from "./transfer/download.ts";
import { upload, type ManagedUploadInput, type ManagedUploadOutput } from "./transfer/upload.ts";
import { S3Connection } from "./connection.ts";
import { freeRequest, type FreeAnswer, type FreeRequest } from "./request/free-request.ts";
import type { S3ClientOptions } from "./request/settings.ts";
import { endpointBreaker } from "./resilience/endpoint-breaker.ts";

/** The operations on objects, uploads and listings. */
export class ObjectClient extends S3Connection {
  /** Throws an `S3Error` of `InvalidConfiguration` for options that cannot work. */
  constructor({ circuitBreaker = false, ...options }: S3ClientOptions) {
    const rules = circuitBreaker === true ? {} : circuitBreaker;
    super(rules === false ? options : { ...options, circuitBreaker: endpointBreaker(rules) });
  }

  /** Sends a request that no operation has. */
  request(request: FreeRequest): Promise<FreeAnswer> {
    return freeRequest(this, request);
  }

  /** Reads an object, or a range of it. With `ifNoneMatch` or `ifModifiedSince` the answer may be that nothing changed. */
  getObject(input: UnconditionalReadInput): Promise<GetObjectOutput>;
  getObject(input: ReadObjectInput): Promise<GetObjectOutput | NotModified>;
  getObject(input: ReadObjectInput): Promise<GetObjectOutput | NotModified> {
    return getObject(this, input);
  }

  /** An object, or undefined if the service says that its bucket has no such key. One request; every other failure throws. */
  getObjectIfExists(input: UnconditionalReadInput): Promise<GetObjectOutput | undefined> {
    return getObjectIfExists(this, input);
  }

  /** What is known of an object. With `ifNoneMatch` or `ifModifiedSince` the answer may be that nothing changed. */
  headObject(input: UnconditionalReadInput): Promise<ObjectDescription>;
  headObject(input: ReadObjectInput): Promise<ObjectDescription | NotModified>;
  headObject(input: ReadObjectInput): Promise<ObjectDescription | NotModified> {
    return headObject(this, input);
  }

  /**
   * Whether an object is there. False only when its bucket is there and it is not: a bucket that is missing, a
   * refusal, a failing service or an answer that is not S3's throws. One request for true, two for false.
   */
  exists(input: ExistsInput): Promise<boolean> {
    return exists(this, input);
  }

  /** Stores an object, whole or not at all. */
  putObject(input: PutObjectInput): Promise<PutObjectOutput> {
    return putObject(this, input);
  }

  /** Deletes an object, one of its versions, or in a versioned bucket covers it with a delete marker. */
  deleteObject(input: DeleteObjectInput): Promise<DeleteObjectOutput> {
    return deleteObject(this, input);
  }

  /**
   * Deletes any number of objects, a thousand with each request, and tells of each what became of it; that there was
   * none is no failure. A request that failed as a whole is the outcome of each of its objects. Rejects only when the
   * signal ends it. Keys that a document cannot carry are deleted one by one.
   */
  deleteObjects(input: DeleteObjectsInput): Promise<DeleteObjectsOutput> {
    return deleteObjects(this, input);
  }

  /** Makes an object of another within the service; of at most 5 GiB. */
  copyObject(input: CopyObjectInput): Promise<CopyOutput> {
    return copyObject(this, input);
  }

  /** Tells of an object what is asked, its parts among it. */
  getObjectAttributes(input: GetObjectAttributesInput): Promise<ObjectAttributes> {
    return getObjectAttributes(this, input);
  }

  /** Brings an archived object back for some days. That it is under way already is no failure. */
  restoreObject(input: RestoreObjectInput): Promise<RestoreObjectOutput> {
    return restoreObject(this, input);
  }

  /** The tags of an object. */
  getObjectTagging(input: ObjectInput): Promise<TaggingOutput> {
    return getObjectTagging(this, input);
  }

  /** Replaces the tags of an object. */
  putObjectTagging(input: PutObjectTaggingInput): Promise<Receipt> {
    return putObjectTagging(this, input);
  }

  /** Removes the tags of an object. */
  deleteObjectTagging(input: ObjectInput): Promise<Receipt> {
    return deleteObjectTagging(this, input);
  }

  /** The tags of a bucket. A bucket without any is `NoSuchTagSet`. */
  getBucketTagging(input: BucketInput): Promise<TaggingOutput> {
    return getBucketTagging(this, input);
  }

  /** Replaces the tags of a bucket. */
  putBucketTagging(input: PutBucketTaggingInput): Promise<Receipt> {
    return putBucketTagging(this, input);
  }

  /** Removes the tags of a bucket. */
  deleteBucketTagging(input: BucketInput): Promise<Receipt> {
    return deleteBucketTagging(this, input);
  }

  /** The object's owner and grants. */
  getObjectAcl(input: ObjectInput): Promise<GetObjectAclOutput> {
    return getObjectAcl(this, input);
  }

  /** Replaces the object's grants. */
  putObjectAcl(input: PutObjectAclInput): Promise<Receipt> {
    return putObjectAcl(this, input);
  }

  /** The bucket's object lock. A bucket without one is `ObjectLockConfigurationNotFoundError`. */
  getObjectLockConfiguration(input: BucketInput): Promise<GetObjectLockConfigurationOutput> {
    return getObjectLockConfiguration(this, input);
  }

  /** Sets the bucket's object lock. */
  putObjectLockConfiguration(input: PutObjectLockConfigurationInput): Promise<Receipt> {
    return putObjectLockConfiguration(this, input);
  }

  /** The object's legal hold. */
  getObjectLegalHold(input: ObjectInput): Promise<GetObjectLegalHoldOutput> {
    return getObjectLegalHold(this, input);
  }

  /** Sets or ends the object's legal hold. */
  putObjectLegalHold(input: PutObjectLegalHoldInput): Promise<Receipt> {
    return putObjectLegalHold(this, input);
  }

  /** The object's retention. */
  getObjectRetention(input: ObjectInput): Promise<GetObjectRetentionOutput> {
    return getObjectRetention(this, input);
  }

  /** Sets the object's retention. */
  putObjectRetention(input: PutObjectRetentionInput): Promise<Receipt> {
    return putObjectRetention(this, input);
  }

  /** The objects of a bucket in the order of their keys' bytes. */
  listObjects(input: ListObjectsInput): Listing<ObjectEntry, ObjectsPage> {
    return listObjects(this, input);
  }

  /** The objects of a bucket, for services that lack the listing's second version. */
  listObjectsV1(input: ListObjectsV1Input): Listing<ObjectEntry, ObjectsV1Page> {
    return listObjectsV1(this, input);
  }

  /** All versions of a bucket's objects. */
  listObjectVersions(input: ListObjectVersionsInput): Listing<VersionEntry, VersionsPage> {
    return listObjectVersions(this, input);
  }

  /** Begins an upload in parts. It is not repeated after an answer was lost: each one makes an upload that has to be ended. */
  createMultipartUpload(input: CreateMultipartUploadInput): Promise<CreateMultipartUploadOutput> {
    return createMultipartUpload(this, input);
  }

  /** Ends an upload and removes its parts. Parts on their way may survive it: list them and abort again. */
  abortMultipartUpload(input: AbortMultipartUploadInput): Promise<Receipt> {
    return abortMultipartUpload(this, input);
  }

  /** Makes an object of an upload's parts. */
  completeMultipartUpload(
    input: CompleteMultipartUploadInput,
  ): Promise<CompleteMultipartUploadOutput> {
    return completeMultipartUpload(this, input);
  }

  /** Stores a part of an upload; a part of the same number is replaced. */
  uploadPart(input: UploadPartInput): Promise<PutObjectOutput> {
    return uploadPart(this, input);
  }

  /** Makes a part of an object's bytes, or of a range of them, within the service. */
  uploadPartCopy(input: UploadPartCopyInput): Promise<CopyOutput> {
    return uploadPartCopy(this, input);
  }

  /** The parts of an upload in the order of their numbers. */
  listParts(input: ListPartsInput): Listing<PartEntry, PartsPage> {
    return listParts(this, input);
  }

  /** The uploads under way in a bucket. */
  listMultipartUploads(input: ListMultipartUploadsInput): Listing<UploadEntry, UploadsPage> {
    return listMultipartUploads(this, input);
  }

  /**
   * Stores an object of any size: by one request where it fits into a part, in parts otherwise. All or nothing: when the
   * source fails, the signal aborts or the service refuses, no object is made and no upload is left; where a lost answer
   * leaves that open, the error is `ambiguous`, and an upload that could not be taken back is named in its `details`.
   * Rejects with `S3SourceError` when the source fails; its own error is the cause. What was not read of a source is
   * let go of.
   */
  upload(input: ManagedUploadInput): Promise<ManagedUploadOutput> {
    return upload(this, input);
  }

  /**
   * Makes an object of another within the service, of any size: by one request up to 5 GiB, in parts above. All or
   * nothing, as `upload`; a source that is replaced meanwhile is `ModifiedDuringRead`. In parts too the copy has the
   * metadata, content headers and tags of its source, unless directives say `REPLACE`.
   */
  copy(input: ManagedCopyInput): Promise<ManagedCopyOutput> {
    return copy(this, input);
  }

  /**
   * Brings an object into a file, whole or not at all: the file gets its name when all bytes are in it, verified and on
   * stable storage. A connection that breaks is gone on with, and never into another object. Errors of the local file
   * system are Node's own.
   */
  download(input: DownloadInput): Promise<DownloadOutput> {
    return download(this, input);
  }

  /** Signs a GET, for whoever has the URL. */
  async presignGet(input: PresignGetInput): Promise<PresignedUrl> {
    return presignGet(await this.presignContext(input.bucket), input);
  }

  /** Signs a HEAD, for whoever has the URL. */
  async presignHead(input: PresignGetInput): Promise<PresignedUrl> {
    return presignHead(await this.presignContext(input.bucket), input);
  }

  /** Signs a PUT. It carries no checksum but one that is given: nobody knows the bytes yet. */
  async presignPut(input: PresignPutInput): Promise<PresignedUrl> {
    return presignPut(await this.presignContext(input.bucket), input);
  }

  /** Signs the upload of a part, for whoever has the URL. */
  async presignUploadPart(input: PresignUploadPartInput): Promise<PresignedUrl> {
    return presignUploadPart(await this.presignContext(input.bucket), input);
  }

  /** Signs a DELETE, for whoever has the URL. */
  async presignDelete(input: PresignDeleteInput): Promise<PresignedUrl> {
    return presignDelete(await this.presignContext(input.bucket), input);
  }

  /** Signs a policy for uploads by HTML form. S3 refuses a form with any field that no condition speaks of. */
  async presignPost(input: PresignPostInput): Promise<PresignedPost> {
    return presignPost(await this.presignContext(input.bucket), input);
  }
}
