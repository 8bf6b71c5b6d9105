import { DriverFailure, type Failure, type FailureKind } from "../../errors/driver-failure.ts";

/** What an errno of the file system is. Those that are not here are `unknown`, and kept as the cause. */
const kindOfErrno: Readonly<Record<string, FailureKind>> = {
  EACCES: "forbidden",
  EAGAIN: "unavailable",
  EBUSY: "locked",
  EDQUOT: "quota-exceeded",
  EEXIST: "already-exists",
  EFBIG: "quota-exceeded",
  EILSEQ: "invalid-path",
  EINVAL: "invalid-path",
  EIO: "unavailable",
  EISDIR: "wrong-type",
  ELOOP: "invalid-path",
  EMFILE: "throttled",
  ENAMETOOLONG: "invalid-path",
  ENFILE: "throttled",
  ENODEV: "unavailable",
  ENOENT: "not-found",
  ENOSPC: "quota-exceeded",
  ENOTCONN: "unavailable",
  ENOTDIR: "under-file",
  ENOTEMPTY: "not-empty",
  EPERM: "forbidden",
  EROFS: "forbidden",
  ESTALE: "unavailable",
  ETIMEDOUT: "timeout",
  ETXTBSY: "locked",
};

/** The errno of an error of the file system, and of none that the driver made of one. */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof DriverFailure || !(error instanceof Error) || !("code" in error))
    return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** What the file system rejected with. A disk that fails does not heal by trying again. */
export function failureOfErrno(error: unknown): Failure {
  if (error instanceof DriverFailure) return error;
  const errno = errnoOf(error);
  const isKnown = errno !== undefined && Object.hasOwn(kindOfErrno, errno);
  const kind = (isKnown ? kindOfErrno[errno] : undefined) ?? "unknown";
  return { kind, code: errno, ...(errno === "EIO" && { retryable: false }), cause: error };
}
