import {
  DeleteObjectTaggingCommand,
  GetObjectAclCommand,
  GetObjectAttributesCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  GetObjectTaggingCommand,
  PutObjectAclCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
  RestoreObjectCommand,
} from "@aws-sdk/client-s3";
import { getObjectAcl, putObjectAcl } from "./object-acl.ts";
import { getObjectAttributes } from "./object-attributes.ts";
import {
  getObjectLegalHold,
  getObjectRetention,
  putObjectLegalHold,
  putObjectRetention,
} from "./object-lock.ts";
import { restoreObject } from "./restore-object.ts";
import type { DifferentialCase } from "./sdk-differential.test.support.ts";
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from "./tagging.ts";

const at = { bucket: "bucket", key: "a b/ü+%2F//../x" };
const theirAt = { Bucket: at.bucket, Key: at.key };
const etag = "9a0364b9e99bb480dd25e1f0284c8555";
const until = new Date("2030-01-02T03:04:05.000Z");
export const objectSettingCases: readonly DifferentialCase[] = [
  {
    name: "GetObjectAttributes",
    theirs: (s3) =>
      s3.send(
        new GetObjectAttributesCommand({
          ...theirAt,
          VersionId: "v1",
          MaxParts: 5,
          PartNumberMarker: "2",
          ObjectAttributes: ["ETag", "ObjectParts"],
        }),
      ),
    ours: (connection) =>
      getObjectAttributes(connection, {
        ...at,
        versionId: "v1",
        maxParts: 5,
        partNumberMarker: 2,
        objectAttributes: ["ETag", "ObjectParts"],
      }),
    answer: {
      headers: { "last-modified": "Thu, 29 Feb 2024 10:11:12 GMT", "x-amz-version-id": "v1" },
      body: `<GetObjectAttributesResponse><ETag>${etag}</ETag><ObjectParts><PartsCount>4</PartsCount><MaxParts>5</MaxParts><IsTruncated>false</IsTruncated><Part><PartNumber>3</PartNumber><Size>10</Size></Part><Part><PartNumber>4</PartNumber><Size>11</Size></Part></ObjectParts><StorageClass>STANDARD</StorageClass><ObjectSize>21</ObjectSize></GetObjectAttributesResponse>`,
    },
  },
  {
    name: "RestoreObject",
    theirs: (s3) =>
      s3.send(
        new RestoreObjectCommand({
          ...theirAt,
          RestoreRequest: { Days: 3, GlacierJobParameters: { Tier: "Bulk" } },
        }),
      ),
    ours: async (connection) => {
      const { state, ...output } = await restoreObject(connection, {
        ...at,
        days: 3,
        glacierJobParameters: { tier: "Bulk" },
      });
      return state === "started" ? output : { state };
    },
    answer: { status: 202, headers: { "x-amz-restore-output-path": "there" } },
  },
  {
    name: "GetObjectTagging",
    theirs: (s3) => s3.send(new GetObjectTaggingCommand({ ...theirAt, VersionId: "v1" })),
    ours: (connection) => getObjectTagging(connection, { ...at, versionId: "v1" }),
    answer: {
      headers: { "x-amz-version-id": "v1" },
      body: "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value></Value></Tag></TagSet></Tagging>",
    },
  },
  {
    name: "PutObjectTagging",
    theirs: (s3) =>
      s3.send(
        new PutObjectTaggingCommand({
          ...theirAt,
          Tagging: {
            TagSet: [
              { Key: "a<&>", Value: "1\r\n" },
              { Key: "b", Value: "" },
            ],
          },
        }),
      ),
    ours: (connection) =>
      putObjectTagging(connection, { ...at, tagging: { "a<&>": "1\r\n", b: "" } }),
    answer: {},
  },
  {
    name: "DeleteObjectTagging",
    theirs: (s3) => s3.send(new DeleteObjectTaggingCommand({ ...theirAt, VersionId: "v1" })),
    ours: (connection) => deleteObjectTagging(connection, { ...at, versionId: "v1" }),
    answer: { status: 204 },
  },
  {
    name: "GetObjectAcl",
    theirs: (s3) => s3.send(new GetObjectAclCommand(theirAt)),
    ours: (connection) => getObjectAcl(connection, at),
    answer: {
      body: '<AccessControlPolicy><Owner><ID>o</ID><DisplayName>n</DisplayName></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>http://all</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>',
    },
    without: ["Type"],
  },
  {
    name: "PutObjectAcl",
    theirs: (s3) =>
      s3.send(
        new PutObjectAclCommand({
          ...theirAt,
          AccessControlPolicy: {
            Owner: { ID: "o" },
            Grants: [
              { Grantee: { Type: "CanonicalUser", ID: "g" }, Permission: "READ" },
              { Grantee: { Type: "Group", URI: "http://all" }, Permission: "WRITE" },
            ],
          },
        }),
      ),
    ours: (connection) =>
      putObjectAcl(connection, {
        ...at,
        owner: { id: "o" },
        grants: [
          { grantee: { id: "g" }, permission: "READ" },
          { grantee: { uri: "http://all" }, permission: "WRITE" },
        ],
      }),
    answer: {},
  },
  {
    name: "GetObjectLegalHold",
    theirs: (s3) => s3.send(new GetObjectLegalHoldCommand(theirAt)),
    ours: (connection) => getObjectLegalHold(connection, at),
    answer: { body: "<LegalHold><Status>ON</Status></LegalHold>" },
    unwrap: "LegalHold",
  },
  {
    name: "PutObjectLegalHold",
    theirs: (s3) =>
      s3.send(new PutObjectLegalHoldCommand({ ...theirAt, LegalHold: { Status: "OFF" } })),
    ours: (connection) => putObjectLegalHold(connection, { ...at, status: "OFF" }),
    answer: {},
  },
  {
    name: "GetObjectRetention",
    theirs: (s3) => s3.send(new GetObjectRetentionCommand(theirAt)),
    ours: (connection) => getObjectRetention(connection, at),
    answer: {
      body: "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2030-01-02T03:04:05.000Z</RetainUntilDate></Retention>",
    },
    unwrap: "Retention",
  },
  {
    name: "PutObjectRetention",
    theirs: (s3) =>
      s3.send(
        new PutObjectRetentionCommand({
          ...theirAt,
          BypassGovernanceRetention: true,
          Retention: { Mode: "GOVERNANCE", RetainUntilDate: until },
        }),
      ),
    ours: (connection) =>
      putObjectRetention(connection, {
        ...at,
        bypassGovernanceRetention: true,
        mode: "GOVERNANCE",
        retainUntilDate: until,
      }),
    answer: {},
  },
];
