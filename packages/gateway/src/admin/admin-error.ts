import { ControlError } from "../control/control-error.ts";
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

/** A failure as the API tells it: what is neither its own nor the control plane's is `internal`. */
export function asAdminError(cause: unknown): AdminError {
  if (cause instanceof AdminError) return cause;
  return cause instanceof ControlError
    ? new AdminError(cause.code, cause.detail, { cause })
    : new AdminError("internal", undefined, { cause });
}
