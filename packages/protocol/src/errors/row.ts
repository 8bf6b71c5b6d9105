import type { ErrorCategory, RetryClass } from "./category.ts";

/** Who sends the code: AWS S3's list, AWS's SDK model, IAM and STS, or a product that is not AWS. */
export type ErrorOrigin =
  | "aws-s3"
  | "aws-sdk"
  | "aws-iam"
  | "backblaze"
  | "ceph"
  | "garage"
  | "gcs"
  | "holdfast"
  | "ibm"
  | "load-balancer"
  | "minio"
  | "proxy-document"
  | "r2"
  | "seaweedfs"
  | "storagegrid"
  | "versitygw";

/** One row of the catalogue: everything that is known of a code, and nothing that can be derived. */
export interface ErrorRow {
  /** HTTP status in the `documented` profile. */
  readonly status: number;
  /** HTTP status in the `aws` profile, where it differs. */
  readonly awsStatus?: number;
  readonly category: ErrorCategory;
  readonly retry: RetryClass;
  /** What goes wrong, in one sentence. It is the default `<Message>` and never empty. */
  readonly message: string;
  readonly origin: ErrorOrigin;
  /** Elements that this code always adds to the `<Error>` document. */
  readonly details?: readonly string[];
}
