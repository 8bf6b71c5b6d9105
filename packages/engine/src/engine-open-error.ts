import { S3Error } from "@holdfast/protocol";

/**
 * - `DIRECTORY_IN_USE`: another engine has it open.
 * - `DISK_FAILED`: the disk or its permissions; the errno is the cause's `code`.
 * - `NO_DATA`: nothing there was written by an engine, and only what one wrote can be looked at.
 * - `UNKNOWN_FORMAT`: written by a version that this one does not know.
 * - `LOG_DAMAGED`: a record of the commit log is unreadable and later ones are not.
 * - `INDEX_DAMAGED`: the index does not belong to this directory, or cannot be read.
 */
export type EngineOpenCode =
  | "DIRECTORY_IN_USE"
  | "DISK_FAILED"
  | "INDEX_DAMAGED"
  | "LOG_DAMAGED"
  | "NO_DATA"
  | "UNKNOWN_FORMAT";

/** Why a directory was not opened; it was left as it is. Decide by `code`, never by the message. */
export class EngineOpenError extends Error {
  static {
    this.prototype.name = "EngineOpenError";
  }

  readonly code: EngineOpenCode;

  constructor(code: EngineOpenCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whatever ended the opening of a directory, as a reason for not having opened it. */
export function asOpenError(error: unknown, directory: string): EngineOpenError {
  if (error instanceof EngineOpenError) return error;
  if (S3Error.is(error) && error.reason.startsWith("corrupt_")) {
    const message = `a record in the index of ${directory} is damaged`;
    return new EngineOpenError("INDEX_DAMAGED", message, { cause: error });
  }
  const cause = S3Error.is(error) ? error.cause : error;
  return new EngineOpenError("DISK_FAILED", `the disk failed when ${directory} was opened`, {
    cause,
  });
}
