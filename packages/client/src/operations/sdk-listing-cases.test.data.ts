import {
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
} from "@aws-sdk/client-s3";
import { listBuckets } from "./buckets.ts";
import { listMultipartUploads } from "./list-multipart-uploads.ts";
import { listObjectVersions } from "./list-object-versions.ts";
import { listObjectsV1 } from "./list-objects-v1.ts";
import { listObjects } from "./list-objects.ts";
import { listParts } from "./list-parts.ts";
import type { DifferentialCase } from "./sdk-differential.test.support.ts";

/** Keys that a lax reader would trim, number or turn into booleans: clients.md names them all. */
const contents = ["a&amp;b", "x&#13;y", "123", "1e3", "0x10", "true", "  lead", "&lt;a&gt;", "ü 🗝️"]
  .map(
    (key) =>
      `<Contents><Key>${key}</Key><LastModified>2024-02-29T10:11:12.345Z</LastModified><ETag>&quot;abc&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>5368709120</Size><StorageClass>STANDARD</StorageClass><Owner><ID>o</ID><DisplayName>n</DisplayName></Owner></Contents>`,
  )
  .join("");
const prefixes =
  "<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>q/</Prefix></CommonPrefixes>";
/** What the SDK repeats of the request, and ours leaves to it. */
const repeated = ["Name", "EncodingType", "Bucket", "Key", "UploadId"];

export const listingCases: readonly DifferentialCase[] = [
  {
    name: "ListObjectsV2",
    theirs: (s3) =>
      s3.send(
        new ListObjectsV2Command({
          Bucket: "bucket",
          Prefix: "p q/",
          Delimiter: "/",
          MaxKeys: 9,
          StartAfter: "ü+",
          ContinuationToken: "t+/=",
          FetchOwner: true,
          EncodingType: "url",
          OptionalObjectAttributes: ["RestoreStatus"],
        }),
      ),
    ours: (connection) =>
      listObjects(connection, {
        bucket: "bucket",
        prefix: "p q/",
        delimiter: "/",
        maxKeys: 9,
        startAfter: "ü+",
        continuationToken: "t+/=",
        fetchOwner: true,
        optionalObjectAttributes: "RestoreStatus",
      }).page(),
    answer: {
      body: `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>p q/</Prefix><Delimiter>/</Delimiter><KeyCount>11</KeyCount><MaxKeys>9</MaxKeys><StartAfter>s</StartAfter><ContinuationToken>t+/=</ContinuationToken><NextContinuationToken>n+/=</NextContinuationToken><IsTruncated>true</IsTruncated>${contents}${prefixes}</ListBucketResult>`,
    },
    without: repeated,
  },
  {
    name: "ListObjects",
    theirs: (s3) =>
      s3.send(
        new ListObjectsCommand({
          Bucket: "bucket",
          Marker: "m&m",
          EncodingType: "url",
          MaxKeys: 3,
        }),
      ),
    ours: (connection) =>
      listObjectsV1(connection, { bucket: "bucket", marker: "m&m", maxKeys: 3 }).page(),
    answer: {
      body: `<ListBucketResult><Name>bucket</Name><Prefix></Prefix><Marker>m&amp;m</Marker><NextMarker>z</NextMarker><MaxKeys>3</MaxKeys><IsTruncated>true</IsTruncated>${contents}${prefixes}</ListBucketResult>`,
    },
    without: repeated,
  },
  {
    name: "ListObjectVersions",
    theirs: async (s3) => {
      const {
        Versions = [],
        DeleteMarkers = [],
        ...page
      } = await s3.send(
        new ListObjectVersionsCommand({
          Bucket: "bucket",
          KeyMarker: "k",
          VersionIdMarker: "v",
          EncodingType: "url",
        }),
      );
      return { ...page, Versions: [...DeleteMarkers, ...Versions] };
    },
    ours: (connection) =>
      listObjectVersions(connection, {
        bucket: "bucket",
        keyMarker: "k",
        versionIdMarker: "v",
      }).page(),
    answer: {
      body: '<ListVersionsResult><Name>bucket</Name><Prefix/><KeyMarker>k</KeyMarker><VersionIdMarker>v</VersionIdMarker><NextKeyMarker>nk</NextKeyMarker><NextVersionIdMarker>nv</NextVersionIdMarker><MaxKeys>3</MaxKeys><IsTruncated>true</IsTruncated><DeleteMarker><Key>a</Key><VersionId>2</VersionId><IsLatest>true</IsLatest><LastModified>2024-02-29T10:11:12.000Z</LastModified><Owner><ID>o</ID></Owner></DeleteMarker><Version><Key>a</Key><VersionId>null</VersionId><IsLatest>false</IsLatest><LastModified>2024-02-28T10:11:12.000Z</LastModified><ETag>"abc"</ETag><Size>0</Size><StorageClass>STANDARD</StorageClass></Version></ListVersionsResult>',
    },
    without: repeated,
  },
  {
    name: "ListMultipartUploads",
    theirs: (s3) =>
      s3.send(
        new ListMultipartUploadsCommand({
          Bucket: "bucket",
          Prefix: "p",
          Delimiter: "/",
          KeyMarker: "k",
          UploadIdMarker: "u",
          MaxUploads: 2,
          EncodingType: "url",
        }),
      ),
    ours: (connection) =>
      listMultipartUploads(connection, {
        bucket: "bucket",
        prefix: "p",
        delimiter: "/",
        keyMarker: "k",
        uploadIdMarker: "u",
        maxUploads: 2,
      }).page(),
    answer: {
      body: `<ListMultipartUploadsResult><Bucket>bucket</Bucket><KeyMarker>k</KeyMarker><UploadIdMarker>u</UploadIdMarker><NextKeyMarker>nk</NextKeyMarker><NextUploadIdMarker>nu</NextUploadIdMarker><Prefix>p</Prefix><Delimiter>/</Delimiter><MaxUploads>2</MaxUploads><IsTruncated>true</IsTruncated><Upload><Key>a b</Key><UploadId>1</UploadId><Initiated>2024-02-28T10:11:12.000Z</Initiated><StorageClass>STANDARD</StorageClass><Initiator><ID>i</ID></Initiator></Upload>${prefixes}</ListMultipartUploadsResult>`,
    },
    without: ["Name", "EncodingType", "Bucket"],
  },
  {
    name: "ListParts",
    // The SDK has these numbers as text.
    theirs: async (s3) => {
      const { NextPartNumberMarker, ...page } = await s3.send(
        new ListPartsCommand({
          Bucket: "bucket",
          Key: "k",
          UploadId: "u",
          PartNumberMarker: "2",
          MaxParts: 3,
        }),
      );
      return { ...page, NextPartNumberMarker: Number(NextPartNumberMarker) };
    },
    ours: (connection) =>
      listParts(connection, {
        bucket: "bucket",
        key: "k",
        uploadId: "u",
        partNumberMarker: 2,
        maxParts: 3,
      }).page(),
    answer: {
      headers: { "x-amz-abort-rule-id": "r" },
      body: '<ListPartsResult><Bucket>bucket</Bucket><Key>k</Key><UploadId>u</UploadId><NextPartNumberMarker>3</NextPartNumberMarker><MaxParts>3</MaxParts><IsTruncated>true</IsTruncated><Part><PartNumber>3</PartNumber><LastModified>2024-02-28T10:11:12.000Z</LastModified><ETag>"abc"</ETag><Size>5242880</Size></Part><StorageClass>STANDARD</StorageClass></ListPartsResult>',
    },
    without: repeated,
  },
  {
    name: "ListBuckets",
    theirs: (s3) =>
      s3.send(
        new ListBucketsCommand({
          MaxBuckets: 2,
          Prefix: "p",
          BucketRegion: "eu-north-1",
          ContinuationToken: "t",
        }),
      ),
    ours: (connection) =>
      listBuckets(connection, {
        maxBuckets: 2,
        prefix: "p",
        bucketRegion: "eu-north-1",
        continuationToken: "t",
      }).page(),
    answer: {
      body: "<ListAllMyBucketsResult><Owner><ID>o</ID></Owner><Buckets><Bucket><Name>a</Name><CreationDate>2024-02-28T10:11:12.000Z</CreationDate><BucketRegion>eu-north-1</BucketRegion></Bucket><Bucket><Name>b</Name></Bucket></Buckets><ContinuationToken>n</ContinuationToken><Prefix>p</Prefix></ListAllMyBucketsResult>",
    },
  },
];
