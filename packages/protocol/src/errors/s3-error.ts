import { catalogue, type DetailsOf, type ErrorCode, type VariantOf } from "./catalogue.ts";
import type { ErrorCategory, RetryClass } from "./category.ts";
import type { ErrorMeaning, ErrorRow } from "./row.ts";

const brand = Symbol.for("@holdfast/protocol/S3Error");

interface S3ErrorFields {
  readonly code: string;
  readonly status: number;
  readonly awsStatus: number;
  readonly category: ErrorCategory;
  readonly retry: RetryClass;
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string;
}

/** An error as S3 states it. `code` stays open: a server may send one that the catalogue lacks. */
export class S3Error extends Error {
  static {
    this.prototype.name = "S3Error";
  }

  readonly code: ErrorCode | (string & {});
  readonly status: number;
  readonly awsStatus: number;
  readonly category: ErrorCategory;
  readonly retry: RetryClass;
  /** Elements beside Code and Message, named as in the `<Error>` document. Never a secret. */
  readonly details: Readonly<Record<string, string>>;
  /** Response headers that belong to this refusal, such as `allow` or `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Why, as a metric's label in snake_case: finer than the code, never from a client's bytes. */
  readonly reason: string;

  constructor(message: string, fields: S3ErrorFields, options?: ErrorOptions) {
    super(message, options);
    this.code = fields.code;
    this.status = fields.status;
    this.awsStatus = fields.awsStatus;
    this.category = fields.category;
    this.retry = fields.retry;
    this.details = fields.details;
    this.headers = fields.headers;
    this.reason = fields.reason;
  }

  get [brand](): true {
    return true;
  }

  /** Holds across duplicate copies of this package, where `instanceof` does not. */
  static is(value: unknown): value is S3Error {
    return typeof value === "object" && value !== null && brand in value;
  }
}

/** What a throw site may add to a row. */
export interface S3ErrorOptions<C extends ErrorCode = ErrorCode> extends ErrorOptions {
  /** Where S3 says something more exact than the row's default. */
  readonly message?: string;
  /** Which of the row's other causes it is: `"quota"` makes EntityTooLarge a 507. */
  readonly variant?: VariantOf<C>;
  /** Elements that S3 adds in this situation, beside those that the code always has. */
  readonly extra?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly reason?: string;
}

type Arguments<C extends ErrorCode> = keyof DetailsOf<C> extends never
  ? [details?: undefined, options?: S3ErrorOptions<C>]
  : [details: DetailsOf<C>, options?: S3ErrorOptions<C>];

/**
 * Makes the error of a catalogued code. A missing detail does not compile. Only a fault, from status
 * 500 on, has a stack: a refusal says all there is in its code, and every bad request is one.
 */
export function s3Error<C extends ErrorCode>(
  code: C,
  ...[details, options]: Arguments<C>
): S3Error {
  const all = Object.assign({}, details, options?.extra);
  const error = errorOf(meaningOf(code, options?.variant), all, options);
  if (error.status >= 500) Error.captureStackTrace(error, s3Error);
  return error;
}

/** Makes a refusal from a row at hand, for code that must not carry the whole catalogue with it. */
export function refusalOfRow(
  code: ErrorCode,
  row: ErrorMeaning,
  options: Omit<S3ErrorOptions, "variant">,
): S3Error {
  return errorOf(meaningOfRow(code, code, row), { ...options.extra }, options);
}

function errorOf(
  { code, status, awsStatus, category, retry, message, reason }: Meaning,
  details: S3ErrorFields["details"],
  options: Omit<S3ErrorOptions, "variant"> | undefined,
): S3Error {
  const fields: S3ErrorFields = {
    code,
    status,
    awsStatus,
    category,
    retry,
    details,
    headers: options?.headers ?? {},
    reason: options?.reason ?? reason,
  };
  return withoutStack(options?.message ?? message, fields, options);
}

function withoutStack(message: string, fields: S3ErrorFields, options?: ErrorOptions): S3Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new S3Error(message, fields, options);
  Error.stackTraceLimit = limit;
  return error;
}

/** A row as every error of its code needs it, worked out at the first. */
interface Meaning extends Omit<S3ErrorFields, "details" | "headers"> {
  readonly message: string;
}

const meanings = new Map<string, Meaning>();

function meaningOf(code: ErrorCode, variant: string | undefined): Meaning {
  const name = variant === undefined ? code : `${code}_${variant}`;
  const known = meanings.get(name);
  if (known !== undefined) return known;
  const row: ErrorRow = catalogue[code];
  const found = (variant === undefined ? undefined : row.variants?.[variant]) ?? row;
  const meaning = meaningOfRow(code, name, found);
  meanings.set(name, meaning);
  return meaning;
}

function meaningOfRow(code: ErrorCode, name: string, row: ErrorMeaning): Meaning {
  const { status, awsStatus = status, category, retry, message } = row;
  return { code, status, awsStatus, category, retry, message, reason: reasonOf(name) };
}

/** The metric label of a code: `NoSuchKey` becomes `no_such_key`. */
export function reasonOf(code: string): string {
  return code
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();
}
