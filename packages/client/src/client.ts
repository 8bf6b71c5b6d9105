import {
  getBucketCors,
  putBucketCors,
  deleteBucketCors,
  type GetBucketCorsOutput,
  type PutBucketCorsInput,
} from "./operations/bucket-cors.ts";
import {
  getBucketEncryption,
  putBucketEncryption,
  deleteBucketEncryption,
  type GetBucketEncryptionOutput,
  type PutBucketEncryptionInput,
} from "./operations/bucket-encryption.ts";
import {
  getBucketLifecycleConfiguration,
  putBucketLifecycleConfiguration,
  deleteBucketLifecycle,
  type GetBucketLifecycleConfigurationOutput,
  type PutBucketLifecycleConfigurationInput,
} from "./operations/bucket-lifecycle.ts";
import { getBucketLocation, type BucketLocationOutput } from "./operations/bucket-location.ts";
import {
  getBucketNotificationConfiguration,
  putBucketNotificationConfiguration,
  type GetBucketNotificationConfigurationOutput,
  type PutBucketNotificationConfigurationInput,
} from "./operations/bucket-notification.ts";
import {
  getBucketPolicy,
  putBucketPolicy,
  deleteBucketPolicy,
  type PutBucketPolicyInput,
  type BucketPolicyOutput,
} from "./operations/bucket-policy.ts";
import {
  getBucketVersioning,
  putBucketVersioning,
  type GetBucketVersioningOutput,
  type PutBucketVersioningInput,
} from "./operations/bucket-versioning.ts";
import {
  createBucket,
  deleteBucket,
  headBucket,
  listBuckets,
  type BucketEntry,
  type ListBucketsInput,
  type HeadBucketOutput,
  type BucketsPage,
  type CreateBucketOutput,
  type CreateBucketInput,
} from "./operations/buckets.ts";
import type { BucketInput } from "./operations/inputs.ts";
import type { Listing } from "./operations/listing.ts";
import type { Receipt } from "./operations/perform.ts";
import {
  getPublicAccessBlock,
  putPublicAccessBlock,
  deletePublicAccessBlock,
  type GetPublicAccessBlockOutput,
  type PutPublicAccessBlockInput,
} from "./operations/public-access-block.ts";
import { asS3Error } from "./errors/as-s3-error.ts";
import { optionsOfAws, type AwsConfigOptions } from "./request/options-of-aws.ts";
import { ObjectClient } from "./object-client.ts";

/** A client of one S3 service: every operation as a method. Keeps connections until it is closed. */
export class S3Client extends ObjectClient {
  /**
   * A client as AWS's own tools would be set up: by the environment and the shared files, of the profile given. What
   * is given here wins.
   */
  static async fromAwsConfig(options: AwsConfigOptions = {}): Promise<S3Client> {
    try {
      return new S3Client(await optionsOfAws(options));
    } catch (error) {
      throw asS3Error(error, { operation: "fromAwsConfig" });
    }
  }

  /** Makes a bucket. */
  createBucket(input: CreateBucketInput): Promise<CreateBucketOutput> {
    return createBucket(this, input);
  }

  /** Deletes a bucket, which must be empty. */
  deleteBucket(input: BucketInput): Promise<Receipt> {
    return deleteBucket(this, input);
  }

  /** Resolves if the bucket is there and the caller may list it. */
  headBucket(input: BucketInput): Promise<HeadBucketOutput> {
    return headBucket(this, input);
  }

  /** The caller's buckets in the order of their names. */
  listBuckets(input: ListBucketsInput = {}): Listing<BucketEntry, BucketsPage> {
    return listBuckets(this, input);
  }

  /** The region that a bucket is in. */
  getBucketLocation(input: BucketInput): Promise<BucketLocationOutput> {
    return getBucketLocation(this, input);
  }

  /** Whether the bucket keeps versions. */
  getBucketVersioning(input: BucketInput): Promise<GetBucketVersioningOutput> {
    return getBucketVersioning(this, input);
  }

  /** Sets whether the bucket keeps versions. */
  putBucketVersioning(input: PutBucketVersioningInput): Promise<Receipt> {
    return putBucketVersioning(this, input);
  }

  /** The bucket's CORS rules. A bucket without any is `NoSuchCORSConfiguration`. */
  getBucketCors(input: BucketInput): Promise<GetBucketCorsOutput> {
    return getBucketCors(this, input);
  }

  /** Replaces the bucket's CORS rules. */
  putBucketCors(input: PutBucketCorsInput): Promise<Receipt> {
    return putBucketCors(this, input);
  }

  /** Removes the bucket's CORS rules. */
  deleteBucketCors(input: BucketInput): Promise<Receipt> {
    return deleteBucketCors(this, input);
  }

  /** The bucket's lifecycle rules. A bucket without any is `NoSuchLifecycleConfiguration`. */
  getBucketLifecycleConfiguration(
    input: BucketInput,
  ): Promise<GetBucketLifecycleConfigurationOutput> {
    return getBucketLifecycleConfiguration(this, input);
  }

  /** Replaces the bucket's lifecycle rules. */
  putBucketLifecycleConfiguration(input: PutBucketLifecycleConfigurationInput): Promise<Receipt> {
    return putBucketLifecycleConfiguration(this, input);
  }

  /** Removes the bucket's lifecycle rules. */
  deleteBucketLifecycle(input: BucketInput): Promise<Receipt> {
    return deleteBucketLifecycle(this, input);
  }

  /** The bucket's policy. A bucket without one is `NoSuchBucketPolicy`. */
  getBucketPolicy(input: BucketInput): Promise<BucketPolicyOutput> {
    return getBucketPolicy(this, input);
  }

  /** Replaces the bucket's policy. */
  putBucketPolicy(input: PutBucketPolicyInput): Promise<Receipt> {
    return putBucketPolicy(this, input);
  }

  /** Removes the bucket's policy. */
  deleteBucketPolicy(input: BucketInput): Promise<Receipt> {
    return deleteBucketPolicy(this, input);
  }

  /** How the bucket encrypts by default. */
  getBucketEncryption(input: BucketInput): Promise<GetBucketEncryptionOutput> {
    return getBucketEncryption(this, input);
  }

  /** Sets how the bucket encrypts by default. */
  putBucketEncryption(input: PutBucketEncryptionInput): Promise<Receipt> {
    return putBucketEncryption(this, input);
  }

  /** Goes back to the service's own default. */
  deleteBucketEncryption(input: BucketInput): Promise<Receipt> {
    return deleteBucketEncryption(this, input);
  }

  /** Whom the bucket tells; with empty lists, nobody. */
  getBucketNotificationConfiguration(
    input: BucketInput,
  ): Promise<GetBucketNotificationConfigurationOutput> {
    return getBucketNotificationConfiguration(this, input);
  }

  /** Sets whom the bucket tells; nobody, without any configuration. */
  putBucketNotificationConfiguration(
    input: PutBucketNotificationConfigurationInput,
  ): Promise<Receipt> {
    return putBucketNotificationConfiguration(this, input);
  }

  /** The bucket's public access block. */
  getPublicAccessBlock(input: BucketInput): Promise<GetPublicAccessBlockOutput> {
    return getPublicAccessBlock(this, input);
  }

  /** Sets the bucket's public access block. */
  putPublicAccessBlock(input: PutPublicAccessBlockInput): Promise<Receipt> {
    return putPublicAccessBlock(this, input);
  }

  /** Removes the bucket's public access block. */
  deletePublicAccessBlock(input: BucketInput): Promise<Receipt> {
    return deletePublicAccessBlock(this, input);
  }
}
