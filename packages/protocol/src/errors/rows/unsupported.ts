import type { ErrorRow } from "../row.ts";

/** What this server does not do, whatever the arguments. */
export const unsupportedRows = {
  AccessControlListNotSupported: {
    status: 400,
    category: "unsupported",
    retry: "never",
    message: "The bucket does not allow access control lists.",
    origin: "aws-s3",
  },
  InvalidBucketAclWithObjectOwnership: {
    status: 400,
    category: "unsupported",
    retry: "never",
    message: "The bucket cannot have access control lists together with this ownership setting.",
    origin: "aws-s3",
  },
  MethodNotAllowed: {
    status: 405,
    category: "unsupported",
    retry: "never",
    message: "The specified method is not allowed against this resource.",
    origin: "aws-s3",
    details: ["Method", "ResourceType"],
  },
  NoLoggingStatusForKey: {
    status: 400,
    category: "unsupported",
    retry: "never",
    message: "A key has no logging status.",
    origin: "aws-s3",
  },
  NotImplemented: {
    status: 501,
    category: "unsupported",
    retry: "never",
    message:
      "A header or query parameter that you provided implies functionality that is not implemented.",
    origin: "aws-s3",
  },
  RequestTorrentOfBucketError: {
    status: 400,
    category: "unsupported",
    retry: "never",
    message: "Requesting the torrent file of a bucket is not permitted.",
    origin: "aws-s3",
  },
  UnsupportedArgument: {
    status: 400,
    category: "unsupported",
    retry: "never",
    message: "The request contained an argument that is not supported.",
    origin: "aws-s3",
  },
  UnsupportedRangeHeader: {
    status: 400,
    category: "unsupported",
    retry: "never",
    message: "A range header is not supported for this operation.",
    origin: "aws-s3",
  },
  UnsupportedStorageClass: {
    status: 400,
    category: "unsupported",
    retry: "never",
    message: "Objects of this storage class cannot be queried.",
    origin: "aws-s3",
  },
  VersioningNotConfigured: {
    status: 501,
    category: "unsupported",
    retry: "never",
    message: "The server is not configured to keep versions.",
    origin: "versitygw",
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
