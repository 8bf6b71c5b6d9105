const brand = Symbol.for("@holdfast/store/RemoteStoreError");
const inspected = Symbol.for("nodejs.util.inspect.custom");

/** What every error of a store carries beside its message. */
export interface StoreErrorFields {
  /** As the store that was called names it. */
  readonly path?: string | undefined;
  /** The name of the driver. */
  readonly backend?: string | undefined;
  /** The method that failed. */
  readonly operation?: string | undefined;
  /** Whether the same call, unchanged, may succeed later. */
  readonly retryable?: boolean | undefined;
  /** When the backend asked to come back, in seconds. */
  readonly retryAfter?: number | undefined;
  /** What the service or the system calls it: `SlowDown`, `ENOSPC`. */
  readonly code?: string | undefined;
  /** The HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** Under which the service finds it in its logs. */
  readonly requestId?: string | undefined;
  /** Whether what failed may have happened all the same: an answer was lost. Look before you do it again. */
  readonly ambiguous?: boolean | undefined;
  /** What the backend, the caller's source or its signal said, unchanged. */
  readonly cause?: unknown;
}

/** How an error goes into a log. Holds no secret: of the cause only its name and code. */
export interface StoreErrorJson {
  readonly name: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/**
 * The root of every error that a store throws, and itself the error of what no other class names.
 *
 * Typical cause: an answer or an errno that no one has met before, a request that the service finds malformed, an
 * option that makes no sense.
 *
 * What to do: look at the `cause`: it is what the backend said, unchanged.
 */
export class RemoteStoreError extends Error {
  static {
    this.prototype.name = "RemoteStoreError";
  }

  readonly path: string | undefined;
  readonly backend: string | undefined;
  readonly operation: string | undefined;
  readonly retryable: boolean;
  readonly retryAfter: number | undefined;
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly ambiguous: boolean;

  constructor(message: string, fields: StoreErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    if (message === "") this.message = "The operation failed, and nothing is known of why.";
    this.path = fields.path;
    this.backend = fields.backend;
    this.operation = fields.operation;
    this.retryable = fields.retryable ?? false;
    this.retryAfter = fields.retryAfter;
    this.code = fields.code;
    this.status = fields.status;
    this.requestId = fields.requestId;
    this.ambiguous = fields.ambiguous ?? false;
  }

  get [brand](): true {
    return true;
  }

  /** Tells errors of the class it is called on; holds across duplicate copies of this package, where `instanceof` does not. */
  static is<E extends RemoteStoreError>(
    this: { readonly prototype: E },
    value: unknown,
  ): value is E {
    return isOfClass(value, this.prototype.name);
  }

  /** The name, the message and each attribute that is set, on one line. */
  override toString(): string {
    const said = this.#attributes().map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    return [`${this.name}: ${this.message}`, ...said].join(" | ");
  }

  /** Safe to log: without the stack, and of the cause only its name and code. */
  toJSON(): StoreErrorJson {
    return {
      name: this.name,
      message: this.message,
      ...Object.fromEntries(this.#attributes()),
      ...(this.cause !== undefined && { cause: summaryOf(this.cause) }),
    };
  }

  /** What `console.log` shows: the stack and the attributes that are set. */
  [inspected](
    depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    if (depth < 0) return `[${this.toString()}]`;
    const { name: _name, message: _message, ...fields } = this.toJSON();
    return `${this.stack ?? this.toString()} ${inspect(fields, options)}`;
  }

  #attributes(): readonly (readonly [string, unknown])[] {
    const hidden = new Set(["stack", "message", "cause", "name"]);
    return Object.entries(this).filter(
      ([name, value]) => !hidden.has(name) && value !== undefined && value !== null,
    );
  }
}

/** Whether a value is an error of ours and a class of that name is among its own. Never fails, whatever it is given. */
function isOfClass(value: unknown, name: string): boolean {
  try {
    if (typeof value !== "object" || value === null || !(brand in value)) return false;
    let ancestor: unknown = Object.getPrototypeOf(value);
    while (typeof ancestor === "object" && ancestor !== null) {
      if (Object.hasOwn(ancestor, "name") && Reflect.get(ancestor, "name") === name) return true;
      ancestor = Object.getPrototypeOf(ancestor);
    }
    return false;
  } catch {
    return false;
  }
}

function summaryOf(cause: unknown): object {
  if (!(cause instanceof Error)) return { type: typeof cause };
  const code: unknown = "errorCode" in cause ? cause.errorCode : Reflect.get(cause, "code");
  return { name: cause.name, ...(typeof code === "string" && { code }) };
}
