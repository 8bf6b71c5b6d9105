import { S3Error } from "../errors/s3-error.ts";
import { isNetworkError } from "./network-error.ts";

/** Whether trying again can help: what an `S3Error` says of itself; of other errors, those of the network. */
export function isRetryable(error: unknown): boolean {
  return S3Error.is(error) ? error.retryable : isNetworkError(error);
}
