import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { copyObject } from "./copy-object.ts";
import { deleteObject } from "./delete-object.ts";
import { deleteObjects } from "./delete-objects.ts";
import { getObject } from "./get-object.ts";
import { headObject } from "./head-object.ts";
import { putObject } from "./put-object.ts";
import type { DifferentialCase } from "./sdk-differential.test.support.ts";

const at = { bucket: "bucket", key: "a b/ü+%2F//../x" };
const theirAt = { Bucket: at.bucket, Key: at.key };
const etag = "9a0364b9e99bb480dd25e1f0284c8555";
const sseCustomerKey = Buffer.alloc(32, 7);
const since = new Date("2024-02-29T10:11:12Z");
const until = new Date("2030-01-02T03:04:05.000Z");
const described = {
  etag: `"${etag}"`,
  "last-modified": "Thu, 29 Feb 2024 10:11:12 GMT",
  "content-length": "5",
  "content-type": "text/plain; charset=utf-8",
  "cache-control": "no-store",
  "content-disposition": 'attachment; filename="x"',
  "content-encoding": "gzip",
  "content-language": "de",
  "accept-ranges": "bytes",
  "x-amz-meta-colour": "blue",
  "x-amz-version-id": "null",
  "x-amz-server-side-encryption": "aws:kms",
  "x-amz-server-side-encryption-aws-kms-key-id": "arn:key",
  "x-amz-server-side-encryption-bucket-key-enabled": "true",
  "x-amz-storage-class": "STANDARD_IA",
  "x-amz-object-lock-mode": "GOVERNANCE",
  "x-amz-object-lock-retain-until-date": "2030-01-02T03:04:05.000Z",
  "x-amz-object-lock-legal-hold": "ON",
  "x-amz-mp-parts-count": "3",
  "x-amz-missing-meta": "2",
  "x-amz-replication-status": "COMPLETED",
  "x-amz-restore": 'ongoing-request="false"',
  "x-amz-expiration": 'expiry-date="x", rule-id="y"',
  "x-amz-checksum-crc32": "NhCmhg==",
  "x-amz-checksum-type": "FULL_OBJECT",
};

export const objectCases: readonly DifferentialCase[] = [
  {
    name: "GetObject",
    theirs: (s3) =>
      s3.send(
        new GetObjectCommand({
          ...theirAt,
          VersionId: "v/1+",
          Range: "bytes=0-4",
          PartNumber: 2,
          IfMatch: `"${etag}"`,
          IfUnmodifiedSince: since,
          ResponseContentType: "text/html",
          ResponseCacheControl: "no cache",
          ChecksumMode: "ENABLED",
          ExpectedBucketOwner: "111122223333",
          RequestPayer: "requester",
          SSECustomerAlgorithm: "AES256",
          SSECustomerKey: sseCustomerKey.toString("base64"),
        }),
      ),
    ours: (connection) =>
      getObject(connection, {
        ...at,
        versionId: "v/1+",
        range: { start: 0, end: 4 },
        partNumber: 2,
        ifMatch: etag,
        ifUnmodifiedSince: since,
        responseContentType: "text/html",
        responseCacheControl: "no cache",
        checksumMode: "ENABLED",
        expectedBucketOwner: "111122223333",
        requestPayer: "requester",
        sseCustomerKey,
      }),
    answer: {
      status: 206,
      headers: { ...described, "content-range": "bytes 0-4/9" },
      body: "hello",
    },
    without: ["Body"],
  },
  {
    name: "HeadObject",
    theirs: (s3) => s3.send(new HeadObjectCommand({ ...theirAt, VersionId: "v1" })),
    ours: (connection) => headObject(connection, { ...at, versionId: "v1" }),
    answer: { headers: { ...described, "x-amz-archive-status": "ARCHIVE_ACCESS" } },
  },
  {
    name: "PutObject",
    theirs: (s3) =>
      s3.send(
        new PutObjectCommand({
          ...theirAt,
          Body: "hello",
          ACL: "bucket-owner-full-control",
          CacheControl: "no-store",
          ContentDisposition: "inline",
          ContentEncoding: "gzip",
          ContentLanguage: "de",
          ContentType: "text/html",
          ContentMD5: "XUFAKrxLKna5cZ2REBfFkg==",
          ChecksumCRC32: "NhCmhg==",
          IfNoneMatch: "*",
          GrantRead: 'id="1"',
          Metadata: { Colour: "blue" },
          ServerSideEncryption: "aws:kms",
          SSEKMSKeyId: "arn:key",
          SSEKMSEncryptionContext: "e30=",
          BucketKeyEnabled: true,
          StorageClass: "STANDARD_IA",
          WebsiteRedirectLocation: "/other",
          Tagging: "a=1&b%20c=%26",
          ObjectLockMode: "COMPLIANCE",
          ObjectLockRetainUntilDate: until,
          ObjectLockLegalHoldStatus: "ON",
          ExpectedBucketOwner: "111122223333",
        }),
      ),
    ours: (connection) =>
      putObject(connection, {
        ...at,
        body: "hello",
        acl: "bucket-owner-full-control",
        cacheControl: "no-store",
        contentDisposition: "inline",
        contentEncoding: "gzip",
        contentLanguage: "de",
        contentType: "text/html",
        contentMd5: "XUFAKrxLKna5cZ2REBfFkg==",
        checksum: { algorithm: "CRC32", value: "NhCmhg==" },
        ifNoneMatch: "*",
        grantRead: 'id="1"',
        metadata: { Colour: "blue" },
        serverSideEncryption: "aws:kms",
        sseKmsKeyId: "arn:key",
        sseKmsEncryptionContext: "e30=",
        bucketKeyEnabled: true,
        storageClass: "STANDARD_IA",
        websiteRedirectLocation: "/other",
        tagging: { a: "1", "b c": "&" },
        objectLockMode: "COMPLIANCE",
        objectLockRetainUntilDate: until,
        objectLockLegalHoldStatus: "ON",
        expectedBucketOwner: "111122223333",
      }),
    answer: {
      headers: {
        etag: `"${etag}"`,
        "x-amz-version-id": "v1",
        "x-amz-checksum-crc32": "NhCmhg==",
        "x-amz-checksum-type": "FULL_OBJECT",
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-context": "e30=",
        "x-amz-expiration": "x",
        "x-amz-request-charged": "requester",
      },
    },
  },
  {
    name: "DeleteObject",
    theirs: (s3) =>
      s3.send(
        new DeleteObjectCommand({
          ...theirAt,
          VersionId: "v1",
          MFA: "1 2",
          BypassGovernanceRetention: true,
          IfMatch: `"${etag}"`,
        }),
      ),
    ours: (connection) =>
      deleteObject(connection, {
        ...at,
        versionId: "v1",
        mfa: "1 2",
        bypassGovernanceRetention: true,
        ifMatch: etag,
      }),
    answer: {
      status: 204,
      headers: { "x-amz-delete-marker": "true", "x-amz-version-id": "v2" },
    },
  },
  {
    name: "DeleteObjects",
    theirs: (s3) =>
      s3.send(
        new DeleteObjectsCommand({
          Bucket: "bucket",
          BypassGovernanceRetention: true,
          Delete: {
            Objects: [{ Key: "a<&>\r" }, { Key: "b", VersionId: "v" }, { Key: "c", ETag: '"e"' }],
          },
        }),
      ),
    ours: async (connection) => {
      const { outcomes } = await deleteObjects(connection, {
        bucket: "bucket",
        bypassGovernanceRetention: true,
        objects: ["a<&>\r", { key: "b", versionId: "v" }, { key: "c", etag: "e" }],
      });
      return {
        deleted: outcomes.flatMap(({ deleted, ...one }) => (deleted ? [one] : [])),
        errors: outcomes.flatMap((one) => {
          if (one.deleted) return [];
          const { key, error } = one;
          const [, message] = /: (\w+)\.$/.exec(error.message) ?? [];
          return [{ key, code: error.errorCode, message }];
        }),
      };
    },
    answer: {
      body: "<DeleteResult><Deleted><Key>a&lt;&amp;&gt;&#13;</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>m</DeleteMarkerVersionId></Deleted><Error><Key>c</Key><Code>AccessDenied</Code><Message>no</Message></Error><Deleted><Key>b</Key><VersionId>v</VersionId></Deleted></DeleteResult>",
    },
  },
  {
    name: "CopyObject",
    theirs: (s3) =>
      s3.send(
        new CopyObjectCommand({
          ...theirAt,
          CopySource: "from/a%20b/%C3%BC%2B?versionId=v%2F1",
          CopySourceIfMatch: `"${etag}"`,
          CopySourceIfModifiedSince: since,
          CopySourceSSECustomerAlgorithm: "AES256",
          CopySourceSSECustomerKey: sseCustomerKey.toString("base64"),
          MetadataDirective: "REPLACE",
          TaggingDirective: "REPLACE",
          Tagging: "a=1",
          Metadata: { b: "2" },
          ChecksumAlgorithm: "SHA256",
          ExpectedSourceBucketOwner: "111122223333",
        }),
      ),
    ours: (connection) =>
      copyObject(connection, {
        ...at,
        copySource: { bucket: "from", key: "a b/ü+", versionId: "v/1" },
        copySourceIfMatch: etag,
        copySourceIfModifiedSince: since,
        copySourceSseCustomerKey: sseCustomerKey,
        metadataDirective: "REPLACE",
        taggingDirective: "REPLACE",
        tagging: { a: "1" },
        metadata: { b: "2" },
        checksumAlgorithm: "SHA256",
        expectedSourceBucketOwner: "111122223333",
      }),
    answer: {
      headers: { "x-amz-version-id": "v2", "x-amz-copy-source-version-id": "v/1" },
      body: `<CopyObjectResult><ETag>&quot;${etag}&quot;</ETag><LastModified>2024-02-29T10:11:12.345Z</LastModified><ChecksumSHA256>abc=</ChecksumSHA256><ChecksumType>FULL_OBJECT</ChecksumType></CopyObjectResult>`,
    },
    unwrap: "CopyObjectResult",
  },
];
