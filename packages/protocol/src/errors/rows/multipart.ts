import type { ErrorRow } from "../row.ts";

/** What goes wrong between CreateMultipartUpload and CompleteMultipartUpload. */
export const multipartRows = {
  InvalidPart: {
    status: 400,
    category: "invalid-request",
    retry: "restart",
    message:
      "One or more of the specified parts could not be found, or its entity tag did not match.",
    origin: "aws-s3",
    details: ["UploadId", "PartNumber"],
  },
  InvalidPartNumber: {
    status: 416,
    category: "invalid-request",
    retry: "never",
    message: "The requested part number is not satisfiable.",
    origin: "aws-s3",
  },
  InvalidPartOrder: {
    status: 400,
    category: "invalid-request",
    retry: "restart",
    message: "The list of parts was not in ascending order.",
    origin: "aws-s3",
  },
  TooManyParts: {
    status: 400,
    category: "invalid-request",
    retry: "restart",
    message: "The upload has more parts than are allowed.",
    origin: "aws-sdk",
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
