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

/** Makes the error of a catalogued code. A missing detail does not compile. */
export function s3Error<C extends ErrorCode>(
  code: C,
  ...[details, options]: Arguments<C>
): S3Error {
  const meaning = meaningOf(catalogue[code], options?.variant);
  const { status, awsStatus = status, category, retry, message } = meaning;
  const { extra, headers = {}, reason = reasonOf(code, options?.variant) } = options ?? {};
  const fields = {
    code,
    status,
    awsStatus,
    category,
    retry,
    details: { ...details, ...extra },
    headers,
    reason,
  };
  return withStackOfCaller(() => new S3Error(options?.message ?? message, fields, options));
}

/** A refusal is made for every bad request, and a stack is most of its cost: it is captured once. */
function withStackOfCaller(make: () => S3Error): S3Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = make();
  Error.stackTraceLimit = limit;
  Error.captureStackTrace(error, s3Error);
  return error;
}

function meaningOf(row: ErrorRow, variant?: string): ErrorMeaning {
  return variant === undefined ? row : (row.variants?.[variant] ?? row);
}

/** The metric label of a code: `NoSuchKey` becomes `no_such_key`, and EntityTooLarge by `quota` becomes `entity_too_large_quota`. */
export function reasonOf(code: string, variant?: string): string {
  return (variant === undefined ? code : `${code}_${variant}`)
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();
}
