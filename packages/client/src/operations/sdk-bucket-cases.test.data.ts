import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  DeletePublicAccessBlockCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { getBucketLocation } from "./bucket-location.ts";
import { deleteBucketPolicy, getBucketPolicy, putBucketPolicy } from "./bucket-policy.ts";
import { getBucketVersioning, putBucketVersioning } from "./bucket-versioning.ts";
import { createBucket, deleteBucket, headBucket } from "./buckets.ts";
import { getObjectLockConfiguration, putObjectLockConfiguration } from "./object-lock.ts";
import {
  deletePublicAccessBlock,
  getPublicAccessBlock,
  putPublicAccessBlock,
} from "./public-access-block.ts";
import type { DifferentialCase } from "./sdk-differential.test.support.ts";
import { deleteBucketTagging, getBucketTagging, putBucketTagging } from "./tagging.ts";

const at = { bucket: "bucket", expectedBucketOwner: "111122223333" };
const theirAt = { Bucket: at.bucket, ExpectedBucketOwner: at.expectedBucketOwner };
const removed = { status: 204 };

export const bucketCases: readonly DifferentialCase[] = [
  {
    name: "CreateBucket",
    theirs: (s3) =>
      s3.send(
        new CreateBucketCommand({
          Bucket: "bucket",
          ACL: "private",
          GrantWrite: 'id="1"',
          ObjectLockEnabledForBucket: true,
          ObjectOwnership: "BucketOwnerEnforced",
          CreateBucketConfiguration: { LocationConstraint: "eu-north-1" },
        }),
      ),
    ours: (connection) =>
      createBucket(connection, {
        bucket: "bucket",
        acl: "private",
        grantWrite: 'id="1"',
        objectLockEnabledForBucket: true,
        objectOwnership: "BucketOwnerEnforced",
        locationConstraint: "eu-north-1",
      }),
    answer: { headers: { location: "/bucket" } },
  },
  {
    name: "DeleteBucket",
    theirs: (s3) => s3.send(new DeleteBucketCommand(theirAt)),
    ours: (connection) => deleteBucket(connection, at),
    answer: removed,
  },
  {
    name: "HeadBucket",
    theirs: (s3) => s3.send(new HeadBucketCommand(theirAt)),
    ours: (connection) => headBucket(connection, at),
    answer: {
      headers: { "x-amz-bucket-region": "eu-north-1", "x-amz-access-point-alias": "false" },
    },
  },
  {
    name: "GetBucketLocation",
    theirs: (s3) => s3.send(new GetBucketLocationCommand(theirAt)),
    ours: (connection) => getBucketLocation(connection, at),
    answer: {
      body: '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-north-1</LocationConstraint>',
    },
  },
  {
    name: "GetBucketVersioning",
    theirs: (s3) => s3.send(new GetBucketVersioningCommand(theirAt)),
    ours: (connection) => getBucketVersioning(connection, at),
    answer: {
      body: "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Disabled</MfaDelete></VersioningConfiguration>",
    },
  },
  {
    name: "PutBucketVersioning",
    theirs: (s3) =>
      s3.send(
        new PutBucketVersioningCommand({
          ...theirAt,
          MFA: "1 2",
          VersioningConfiguration: { MFADelete: "Enabled", Status: "Suspended" },
        }),
      ),
    ours: (connection) =>
      putBucketVersioning(connection, {
        ...at,
        mfa: "1 2",
        mfaDelete: "Enabled",
        status: "Suspended",
      }),
    answer: {},
  },
  {
    name: "GetBucketPolicy",
    theirs: (s3) => s3.send(new GetBucketPolicyCommand(theirAt)),
    ours: (connection) => getBucketPolicy(connection, at),
    answer: { body: '{"Version":"2012-10-17"}' },
  },
  {
    name: "PutBucketPolicy",
    theirs: (s3) =>
      s3.send(
        new PutBucketPolicyCommand({
          ...theirAt,
          Policy: '{"ü":1}',
          ContentMD5: "X3wyz+BETqlnEFonYyv5Ew==",
          ConfirmRemoveSelfBucketAccess: true,
        }),
      ),
    ours: (connection) =>
      putBucketPolicy(connection, {
        ...at,
        policy: '{"ü":1}',
        confirmRemoveSelfBucketAccess: true,
      }),
    answer: {},
  },
  {
    name: "DeleteBucketPolicy",
    theirs: (s3) => s3.send(new DeleteBucketPolicyCommand(theirAt)),
    ours: (connection) => deleteBucketPolicy(connection, at),
    answer: removed,
  },
  {
    name: "GetBucketTagging",
    theirs: (s3) => s3.send(new GetBucketTaggingCommand(theirAt)),
    ours: (connection) => getBucketTagging(connection, at),
    answer: {
      body: "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>",
    },
  },
  {
    name: "PutBucketTagging",
    theirs: (s3) =>
      s3.send(
        new PutBucketTaggingCommand({
          ...theirAt,
          Tagging: { TagSet: [{ Key: "a", Value: "1" }] },
        }),
      ),
    ours: (connection) => putBucketTagging(connection, { ...at, tagging: { a: "1" } }),
    answer: {},
  },
  {
    name: "DeleteBucketTagging",
    theirs: (s3) => s3.send(new DeleteBucketTaggingCommand(theirAt)),
    ours: (connection) => deleteBucketTagging(connection, at),
    answer: removed,
  },
  {
    name: "GetObjectLockConfiguration",
    theirs: (s3) => s3.send(new GetObjectLockConfigurationCommand(theirAt)),
    ours: (connection) => getObjectLockConfiguration(connection, at),
    answer: {
      body: "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Years>1</Years></DefaultRetention></Rule></ObjectLockConfiguration>",
    },
    unwrap: "ObjectLockConfiguration",
  },
  {
    name: "PutObjectLockConfiguration",
    theirs: (s3) =>
      s3.send(
        new PutObjectLockConfigurationCommand({
          ...theirAt,
          Token: "t",
          ObjectLockConfiguration: {
            ObjectLockEnabled: "Enabled",
            Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 3 } },
          },
        }),
      ),
    ours: (connection) =>
      putObjectLockConfiguration(connection, {
        ...at,
        token: "t",
        objectLockEnabled: "Enabled",
        rule: { defaultRetention: { mode: "GOVERNANCE", days: 3 } },
      }),
    answer: {},
  },
  {
    name: "GetPublicAccessBlock",
    theirs: (s3) => s3.send(new GetPublicAccessBlockCommand(theirAt)),
    ours: (connection) => getPublicAccessBlock(connection, at),
    answer: {
      body: "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>",
    },
    unwrap: "PublicAccessBlockConfiguration",
  },
  {
    name: "PutPublicAccessBlock",
    theirs: (s3) =>
      s3.send(
        new PutPublicAccessBlockCommand({
          ...theirAt,
          PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: false },
        }),
      ),
    ours: (connection) =>
      putPublicAccessBlock(connection, {
        ...at,
        blockPublicAcls: true,
        restrictPublicBuckets: false,
      }),
    answer: {},
  },
  {
    name: "DeletePublicAccessBlock",
    theirs: (s3) => s3.send(new DeletePublicAccessBlockCommand(theirAt)),
    ours: (connection) => deletePublicAccessBlock(connection, at),
    answer: removed,
  },
];
