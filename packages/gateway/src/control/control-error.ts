interface ControlErrorRow {
  /** The HTTP status of the admin API. */
  readonly status: number;
  readonly message: string;
}

/** Every code with which the control plane refuses. */
export const controlErrors = {
  already_exists: { status: 409, message: "Something of this name exists already." },
  credential_is_temporary: {
    status: 409,
    message: "It is a temporary credential: none is made from it, and what it may do stays.",
  },
  database_busy: {
    status: 503,
    message: "Another process keeps the database locked; trying again can help.",
  },
  expiry_exceeds_parent: {
    status: 409,
    message: "A temporary credential cannot outlive the one that it is made from.",
  },
  expiry_past: { status: 400, message: "The expiry is not in the future." },
  grants_exceed_parent: {
    status: 409,
    message: "A temporary credential cannot do more than the one that it is made from.",
  },
  invalid_field: { status: 400, message: "A value is not what it must be." },
  no_such_credential: { status: 404, message: "There is no credential of this access key id." },
  no_such_setting: { status: 404, message: "The bucket has no such setting." },
  no_such_tenant: { status: 404, message: "There is no tenant of this name." },
  parent_not_usable: {
    status: 409,
    message: "The credential is disabled or has expired, by itself or with its tenant.",
  },
  remote_bucket_taken: {
    status: 409,
    message: "The upstream's bucket is attached under another name.",
  },
  unavailable: { status: 503, message: "It cannot be done now; trying again later can help." },
} as const satisfies Record<string, ControlErrorRow>;

export type ControlErrorCode = keyof typeof controlErrors;

/** What exactly is wrong: `field` as in `grants[0].verbs`, and what it `expects`; or the name of which there is `one`. */
export type ControlErrorDetail = Readonly<Record<string, string>>;

/** A refusal by the control plane. Decide by `code`, never by the message; neither holds a secret. */
export class ControlError extends Error {
  static {
    this.prototype.name = "ControlError";
  }

  readonly code: ControlErrorCode;
  readonly detail: ControlErrorDetail | undefined;

  constructor(code: ControlErrorCode, detail?: ControlErrorDetail, options?: ErrorOptions) {
    super(controlErrors[code].message, options);
    this.code = code;
    this.detail = detail;
  }
}
