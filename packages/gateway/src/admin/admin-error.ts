import { S3Error } from "@holdfast/protocol";
import { ControlError } from "../control/control-error.ts";
import { isLocked } from "../control/until-unlocked.ts";
import { adminErrors, type AdminErrorCode } from "./catalogue.ts";

/** What exactly is wrong: `field` as in `grants[0].verbs`, and what it `expects` or that there is `one`. */
export type AdminErrorDetail = Readonly<Record<string, string>>;

/** A failure of the admin API, by its code in the catalogue of its own. */
export class AdminError extends Error {
  static {
    this.prototype.name = "AdminError";
  }

  readonly code: AdminErrorCode;
  readonly detail: AdminErrorDetail | undefined;

  constructor(code: AdminErrorCode, detail?: AdminErrorDetail, options?: ErrorOptions) {
    super(adminErrors[code].message, options);
    this.code = code;
    this.detail = detail;
  }

  get status(): number {
    return adminErrors[this.code].status;
  }

  /** The document that says so. It holds no cause: that is for the log. */
  toJSON(): { readonly error: object } {
    const { code, message, detail } = this;
    return { error: { code, message, ...(detail === undefined ? {} : { detail }) } };
  }
}

/** What S3 refuses an operator, too. */
const ofS3: ReadonlyMap<string, AdminErrorCode> = new Map([
  ["NoSuchBucket", "no_such_bucket"],
  ["OperationAborted", "unavailable"],
  ["ServiceUnavailable", "unavailable"],
]);

/** A failure as the API tells it: what is neither its own nor of a database or S3 is `internal`. */
export function asAdminError(cause: unknown): AdminError {
  if (cause instanceof AdminError) return cause;
  if (cause instanceof ControlError) return new AdminError(cause.code, cause.detail, { cause });
  if (isLocked(cause)) return new AdminError("database_busy", undefined, { cause });
  const code = S3Error.is(cause) ? ofS3.get(cause.code) : undefined;
  return new AdminError(code ?? "internal", undefined, { cause });
}
