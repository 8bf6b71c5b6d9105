interface ServiceFailureOptions extends ErrorOptions {
  /** Whether asking again may help, where the status alone does not say so. */
  readonly transient?: boolean;
}

/** A service that hands out credentials gave no answer of use. Kept as the cause of what is reported. */
export class ServiceFailure extends Error {
  static {
    this.prototype.name = "ServiceFailure";
  }

  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** Whether asking again may help. */
  readonly transient: boolean;

  constructor(message: string, status?: number, options: ServiceFailureOptions = {}) {
    super(message, options);
    this.status = status;
    const passing = status === undefined || status === 429 || status >= 500;
    this.transient = options.transient ?? passing;
  }
}
