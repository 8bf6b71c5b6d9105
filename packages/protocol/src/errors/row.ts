import type { ErrorCategory, RetryClass } from "./category.ts";

/** Who sends the code: AWS S3's list, AWS's SDK model, IAM and STS, or a product that is not AWS. */
export type ErrorOrigin =
  | "aws-s3"
  | "aws-sdk"
  | "aws-iam"
  | "ceph"
  | "garage"
  | "gcs"
  | "load-balancer"
  | "minio"
  | "proxy-document"
  | "r2"
  | "seaweedfs"
  | "storagegrid"
  | "versitygw";

/** What a caller is told and should do: the part of a row that depends on the cause. */
export interface ErrorMeaning {
  /** HTTP status in the `documented` profile. */
  readonly status: number;
  /** HTTP status in the `aws` profile, where it differs. */
  readonly awsStatus?: number;
  readonly category: ErrorCategory;
  readonly retry: RetryClass;
  /** What goes wrong, in one sentence. It is the default `<Message>` and never empty. */
  readonly message: string;
  readonly origin: ErrorOrigin;
}

/** One row of the catalogue: everything that is known of a code, and nothing that can be derived. */
export interface ErrorRow extends ErrorMeaning {
  /** Elements that this code always adds to the `<Error>` document. */
  readonly details?: readonly string[];
  /** Other causes under the same code, by name. On the wire their status tells them apart. */
  readonly variants?: Readonly<Record<string, ErrorMeaning>>;
}
