/**
 * - `DATABASE_BUSY`: another process kept it locked for longer than a start waits.
 * - `DATABASE_DAMAGED`: the file is no database, or what it holds cannot be read.
 * - `DATABASE_FAILED`: the disk or its permissions; the cause tells.
 * - `DATABASE_NEWER`: a newer program wrote it.
 * - `KEY_EXPOSED`: others than its owner may read the file of master keys.
 * - `KEY_MALFORMED`: the master keys cannot be read.
 * - `KEY_MISSING`: secrets are sealed under a master key that was not given.
 * - `KEY_WRONG`: a master key is not the one of that name that secrets were sealed under.
 */
export type ControlOpenCode =
  | "DATABASE_BUSY"
  | "DATABASE_DAMAGED"
  | "DATABASE_FAILED"
  | "DATABASE_NEWER"
  | "KEY_EXPOSED"
  | "KEY_MALFORMED"
  | "KEY_MISSING"
  | "KEY_WRONG";

/** Why a control plane was not opened, in one sentence. Decide by `code`, never by the message. */
export class ControlOpenError extends Error {
  static {
    this.prototype.name = "ControlOpenError";
  }

  readonly code: ControlOpenCode;

  constructor(code: ControlOpenCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
