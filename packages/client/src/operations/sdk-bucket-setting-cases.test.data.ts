import {
  DeleteBucketCorsCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from "@aws-sdk/client-s3";
import { deleteBucketCors, getBucketCors, putBucketCors } from "./bucket-cors.ts";
import {
  deleteBucketEncryption,
  getBucketEncryption,
  putBucketEncryption,
} from "./bucket-encryption.ts";
import {
  deleteBucketLifecycle,
  getBucketLifecycleConfiguration,
  putBucketLifecycleConfiguration,
} from "./bucket-lifecycle.ts";
import {
  getBucketNotificationConfiguration,
  putBucketNotificationConfiguration,
} from "./bucket-notification.ts";
import type { DifferentialCase } from "./sdk-differential.test.support.ts";

const at = { bucket: "bucket", expectedBucketOwner: "111122223333" };
const theirAt = { Bucket: at.bucket, ExpectedBucketOwner: at.expectedBucketOwner };
const date = new Date("2030-01-01T00:00:00.000Z");
const removed = { status: 204 };

export const bucketSettingCases: readonly DifferentialCase[] = [
  {
    name: "GetBucketCors",
    theirs: (s3) => s3.send(new GetBucketCorsCommand(theirAt)),
    ours: (connection) => getBucketCors(connection, at),
    answer: {
      body: "<CORSConfiguration><CORSRule><ID>1</ID><AllowedOrigin>*</AllowedOrigin><AllowedOrigin>http://x</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>3000</MaxAgeSeconds></CORSRule><CORSRule><AllowedOrigin>y</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader></CORSRule></CORSConfiguration>",
    },
  },
  {
    name: "PutBucketCors",
    theirs: (s3) =>
      s3.send(
        new PutBucketCorsCommand({
          ...theirAt,
          CORSConfiguration: {
            CORSRules: [
              {
                ID: "1",
                AllowedHeaders: ["*"],
                AllowedMethods: ["GET", "PUT"],
                AllowedOrigins: ["http://x"],
                ExposeHeaders: ["ETag"],
                MaxAgeSeconds: 30,
              },
            ],
          },
        }),
      ),
    ours: (connection) =>
      putBucketCors(connection, {
        ...at,
        corsRules: [
          {
            id: "1",
            allowedHeaders: ["*"],
            allowedMethods: ["GET", "PUT"],
            allowedOrigins: ["http://x"],
            exposeHeaders: ["ETag"],
            maxAgeSeconds: 30,
          },
        ],
      }),
    answer: {},
  },
  {
    name: "DeleteBucketCors",
    theirs: (s3) => s3.send(new DeleteBucketCorsCommand(theirAt)),
    ours: (connection) => deleteBucketCors(connection, at),
    answer: removed,
  },
  {
    name: "GetBucketLifecycleConfiguration",
    theirs: (s3) => s3.send(new GetBucketLifecycleConfigurationCommand(theirAt)),
    ours: (connection) => getBucketLifecycleConfiguration(connection, at),
    answer: {
      body: "<LifecycleConfiguration><Rule><ID>1</ID><Filter><And><Prefix>p</Prefix><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter><Status>Enabled</Status><Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition><Transition><Date>2030-01-01T00:00:00.000Z</Date><StorageClass>DEEP_ARCHIVE</StorageClass></Transition><NoncurrentVersionExpiration><NoncurrentDays>4</NoncurrentDays></NoncurrentVersionExpiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule><Rule><Filter><Tag><Key>x</Key><Value>y</Value></Tag></Filter><Status>Disabled</Status><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule></LifecycleConfiguration>",
    },
  },
  {
    name: "PutBucketLifecycleConfiguration",
    theirs: (s3) =>
      s3.send(
        new PutBucketLifecycleConfigurationCommand({
          ...theirAt,
          TransitionDefaultMinimumObjectSize: "varies_by_storage_class",
          LifecycleConfiguration: {
            Rules: [
              {
                ID: "1",
                Status: "Enabled",
                Filter: { And: { Prefix: "p", Tags: [{ Key: "a", Value: "1" }] } },
                Expiration: { Date: date },
                Transitions: [{ Days: 3, StorageClass: "GLACIER" }],
                NoncurrentVersionTransitions: [
                  { NoncurrentDays: 2, StorageClass: "GLACIER", NewerNoncurrentVersions: 5 },
                ],
                NoncurrentVersionExpiration: { NoncurrentDays: 9 },
                AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
              },
            ],
          },
        }),
      ),
    ours: (connection) =>
      putBucketLifecycleConfiguration(connection, {
        ...at,
        transitionDefaultMinimumObjectSize: "varies_by_storage_class",
        rules: [
          {
            id: "1",
            status: "Enabled",
            filter: { and: { prefix: "p", tags: [{ key: "a", value: "1" }] } },
            expiration: { date },
            transitions: [{ days: 3, storageClass: "GLACIER" }],
            noncurrentVersionTransitions: [
              { noncurrentDays: 2, storageClass: "GLACIER", newerNoncurrentVersions: 5 },
            ],
            noncurrentVersionExpiration: { noncurrentDays: 9 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
          },
        ],
      }),
    answer: {},
  },
  {
    name: "DeleteBucketLifecycle",
    theirs: (s3) => s3.send(new DeleteBucketLifecycleCommand(theirAt)),
    ours: (connection) => deleteBucketLifecycle(connection, at),
    answer: removed,
  },
  {
    name: "GetBucketEncryption",
    theirs: (s3) => s3.send(new GetBucketEncryptionCommand(theirAt)),
    ours: (connection) => getBucketEncryption(connection, at),
    answer: {
      body: "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>",
    },
    unwrap: "ServerSideEncryptionConfiguration",
  },
  {
    name: "PutBucketEncryption",
    theirs: (s3) =>
      s3.send(
        new PutBucketEncryptionCommand({
          ...theirAt,
          ServerSideEncryptionConfiguration: {
            Rules: [
              {
                ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
                BucketKeyEnabled: true,
              },
            ],
          },
        }),
      ),
    ours: (connection) =>
      putBucketEncryption(connection, {
        ...at,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
            bucketKeyEnabled: true,
          },
        ],
      }),
    answer: {},
  },
  {
    name: "DeleteBucketEncryption",
    theirs: (s3) => s3.send(new DeleteBucketEncryptionCommand(theirAt)),
    ours: (connection) => deleteBucketEncryption(connection, at),
    answer: removed,
  },
  {
    name: "GetBucketNotificationConfiguration",
    theirs: (s3) => s3.send(new GetBucketNotificationConfigurationCommand(theirAt)),
    ours: (connection) => getBucketNotificationConfiguration(connection, at),
    answer: {
      body: "<NotificationConfiguration><QueueConfiguration><Id>1</Id><Queue>arn:q</Queue><Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>p</Value></FilterRule></S3Key></Filter></QueueConfiguration><CloudFunctionConfiguration><CloudFunction>arn:f</CloudFunction><Event>s3:ObjectCreated:Put</Event></CloudFunctionConfiguration><EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>",
    },
  },
  {
    name: "PutBucketNotificationConfiguration",
    theirs: (s3) =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({
          ...theirAt,
          SkipDestinationValidation: true,
          NotificationConfiguration: {
            TopicConfigurations: [
              {
                TopicArn: "arn:t",
                Events: ["s3:ObjectCreated:*"],
                Filter: { Key: { FilterRules: [{ Name: "suffix", Value: ".x" }] } },
              },
            ],
            EventBridgeConfiguration: {},
          },
        }),
      ),
    ours: (connection) =>
      putBucketNotificationConfiguration(connection, {
        ...at,
        skipDestinationValidation: true,
        topicConfigurations: [
          {
            topicArn: "arn:t",
            events: ["s3:ObjectCreated:*"],
            filter: { key: { filterRules: [{ name: "suffix", value: ".x" }] } },
          },
        ],
        eventBridgeConfiguration: {},
      }),
    answer: {},
  },
];
