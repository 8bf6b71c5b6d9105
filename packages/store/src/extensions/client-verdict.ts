import { S3Error } from "@holdfast/client";
import type { RemoteStoreError } from "../errors/remote-store-error.ts";
import { toStoreError, type FailedCall } from "../errors/to-store-error.ts";

/** What the client's `retry` and `batch` end a call with themselves, as a store's error; anything else as it is. */
export function storeVerdict(error: unknown, call: FailedCall): unknown {
  return S3Error.is(error) ? inStoreWords(error, call) : error;
}

function inStoreWords(error: S3Error, call: FailedCall): RemoteStoreError {
  const { errorCode, message, cause, ambiguous } = error;
  if (errorCode === "Aborted") return toStoreError({ kind: "aborted", cause, ambiguous }, call);
  if (errorCode === "DeadlineExceeded") {
    return toStoreError({ kind: "timeout", cause, ambiguous }, call);
  }
  return toStoreError({ kind: "invalid-request", message, cause: error }, call);
}
