/**
 * - `DIRECTORY_IN_USE`: another engine has it open.
 * - `UNKNOWN_FORMAT`: written by a version that this one does not know, or not by an engine at all.
 * - `LOG_DAMAGED`: a record of the commit log is unreadable and later ones are not.
 * - `INDEX_DAMAGED`: the index does not belong to this directory, or cannot be read.
 */
export type EngineOpenCode =
  | "DIRECTORY_IN_USE"
  | "INDEX_DAMAGED"
  | "LOG_DAMAGED"
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
