import { S3Error, s3Error } from "@holdfast/protocol";

/** The errno name that an error or its cause carries, such as `ENOENT`; empty when there is none. */
export function errnoOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  if ("code" in error && typeof error.code === "string" && !S3Error.is(error)) return error.code;
  return "cause" in error ? errnoOf(error.cause) : "";
}

/** What a failure of the disk is to the caller of an operation; decided by errno, which stays its cause. */
export function diskError(cause: unknown): S3Error {
  if (S3Error.is(cause)) return cause;
  switch (errnoOf(cause)) {
    case "ENOSPC":
    case "EDQUOT":
      return s3Error("InsufficientStorage", undefined, { reason: "disk_full", cause });
    case "EFBIG":
      return s3Error("InsufficientStorage", undefined, { reason: "file_too_large", cause });
    case "EMFILE":
    case "ENFILE":
      return s3Error("ServiceUnavailable", undefined, { reason: "out_of_descriptors", cause });
    case "EROFS":
      return s3Error("ServiceUnavailable", undefined, { reason: "read_only_file_system", cause });
    default:
      return s3Error("InternalError", undefined, { reason: "disk_error", cause });
  }
}
