import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
} from "./multipart-upload.ts";
import type { DifferentialCase } from "./sdk-differential.test.support.ts";
import { uploadPart, uploadPartCopy } from "./upload-part.ts";

const at = { bucket: "bucket", key: "a b/ü+%2F//../x" };
const theirAt = { Bucket: at.bucket, Key: at.key };
const etag = "9a0364b9e99bb480dd25e1f0284c8555";
const since = new Date("2024-02-29T10:11:12Z");
export const uploadCases: readonly DifferentialCase[] = [
  {
    name: "CreateMultipartUpload",
    theirs: (s3) =>
      s3.send(
        new CreateMultipartUploadCommand({
          ...theirAt,
          ContentType: "text/html",
          ChecksumAlgorithm: "CRC32C",
          ChecksumType: "COMPOSITE",
          Metadata: { a: "1" },
        }),
      ),
    ours: (connection) =>
      createMultipartUpload(connection, {
        ...at,
        contentType: "text/html",
        checksumAlgorithm: "CRC32C",
        checksumType: "COMPOSITE",
        metadata: { a: "1" },
      }),
    answer: {
      headers: {
        "x-amz-abort-date": "Thu, 29 Feb 2024 10:11:12 GMT",
        "x-amz-abort-rule-id": "rule",
        "x-amz-checksum-algorithm": "CRC32C",
        "x-amz-checksum-type": "COMPOSITE",
      },
      body: "<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>k</Key><UploadId>u/1+=</UploadId></InitiateMultipartUploadResult>",
    },
    without: ["Bucket", "Key"],
  },
  {
    name: "UploadPart",
    theirs: (s3) =>
      s3.send(
        new UploadPartCommand({ ...theirAt, UploadId: "u/1+=", PartNumber: 7, Body: "part" }),
      ),
    ours: (connection) =>
      uploadPart(connection, { ...at, uploadId: "u/1+=", partNumber: 7, body: "part" }),
    answer: {
      headers: {
        etag: `"${etag}"`,
        "x-amz-server-side-encryption": "AES256",
      },
    },
  },
  {
    name: "UploadPartCopy",
    theirs: (s3) =>
      s3.send(
        new UploadPartCopyCommand({
          ...theirAt,
          UploadId: "u",
          PartNumber: 7,
          CopySource: "from/k",
          CopySourceRange: "bytes=5-9",
        }),
      ),
    ours: (connection) =>
      uploadPartCopy(connection, {
        ...at,
        uploadId: "u",
        partNumber: 7,
        copySource: { bucket: "from", key: "k" },
        copySourceRange: { start: 5, end: 9 },
      }),
    answer: {
      body: `<CopyPartResult><LastModified>2024-02-29T10:11:12.000Z</LastModified><ETag>"${etag}"</ETag></CopyPartResult>`,
    },
    unwrap: "CopyPartResult",
  },
  {
    name: "CompleteMultipartUpload",
    theirs: (s3) =>
      s3.send(
        new CompleteMultipartUploadCommand({
          ...theirAt,
          UploadId: "u",
          IfNoneMatch: "*",
          ChecksumCRC32C: "ddd=",
          ChecksumType: "FULL_OBJECT",
          MpuObjectSize: 12345678,
          MultipartUpload: {
            Parts: [
              { PartNumber: 1, ETag: `"${etag}"`, ChecksumCRC32C: "aaa=" },
              { PartNumber: 2, ETag: '"b"', ChecksumCRC32C: "bbb=" },
            ],
          },
        }),
      ),
    ours: (connection) =>
      completeMultipartUpload(connection, {
        ...at,
        uploadId: "u",
        ifNoneMatch: "*",
        checksum: { algorithm: "CRC32C", value: "ddd=" },
        checksumType: "FULL_OBJECT",
        objectSize: 12345678,
        parts: [
          { partNumber: 1, etag, checksum: { algorithm: "CRC32C", value: "aaa=" } },
          { partNumber: 2, etag: "b", checksum: { algorithm: "CRC32C", value: "bbb=" } },
        ],
      }),
    answer: {
      headers: { "x-amz-version-id": "v9", "x-amz-expiration": "soon" },
      body: `<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Location>http://x/y</Location><Bucket>bucket</Bucket><Key>k</Key><ETag>"abc-2"</ETag><ChecksumCRC32C>ccc=-2</ChecksumCRC32C><ChecksumType>COMPOSITE</ChecksumType></CompleteMultipartUploadResult>`,
    },
    without: ["Bucket", "Key"],
  },
  {
    name: "AbortMultipartUpload",
    theirs: (s3) =>
      s3.send(
        new AbortMultipartUploadCommand({ ...theirAt, UploadId: "u", IfMatchInitiatedTime: since }),
      ),
    ours: (connection) =>
      abortMultipartUpload(connection, { ...at, uploadId: "u", ifMatchInitiatedTime: since }),
    answer: { status: 204 },
  },
];
