import type { ErrorRow } from "../row.ts";

/** How much there may be: quotas, full disks, counts of buckets and versions. */
export const capacityRows = {
  InsufficientCapacity: {
    status: 507,
    category: "quota-exceeded",
    retry: "never",
    message: "The store has not enough capacity left.",
    origin: "aws-s3",
  },
  InsufficientStorage: {
    status: 507,
    category: "quota-exceeded",
    retry: "never",
    message: "The server has no room left to store the request.",
    origin: "versitygw",
  },
  LimitExceeded: {
    status: 400,
    category: "quota-exceeded",
    retry: "never",
    message: "The limit on the number of such resources is reached.",
    origin: "ceph",
  },
  MaxVersionsExceeded: {
    status: 400,
    category: "quota-exceeded",
    retry: "never",
    message: "The object has as many versions as are allowed.",
    origin: "minio",
  },
  QuotaExceeded: {
    status: 403,
    category: "quota-exceeded",
    retry: "never",
    message: "The user or bucket has reached its quota.",
    origin: "ceph",
  },
  TooManyAccessPoints: {
    status: 400,
    category: "quota-exceeded",
    retry: "never",
    message: "You have attempted to create more access points than are allowed.",
    origin: "aws-s3",
  },
  TooManyBuckets: {
    status: 400,
    category: "quota-exceeded",
    retry: "never",
    message: "You have attempted to create more buckets than are allowed.",
    origin: "aws-s3",
  },
  TooManyMultiRegionAccessPointregionsError: {
    status: 400,
    category: "quota-exceeded",
    retry: "never",
    message: "The Multi-Region Access Point would span more regions than are allowed.",
    origin: "aws-s3",
  },
  TooManyMultiRegionAccessPoints: {
    status: 400,
    category: "quota-exceeded",
    retry: "never",
    message: "You have attempted to create more Multi-Region Access Points than are allowed.",
    origin: "aws-s3",
  },
  XMinioAdminBucketQuotaExceeded: {
    status: 400,
    category: "quota-exceeded",
    retry: "never",
    message: "The bucket has reached the quota that its administrator set.",
    origin: "minio",
  },
  XMinioStorageFull: {
    status: 507,
    category: "quota-exceeded",
    retry: "never",
    message: "The storage behind the server has reached its minimum of free space.",
    origin: "minio",
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
