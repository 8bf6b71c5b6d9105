import { retryAfterOf } from "../retry-after.ts";

interface AzureErrorFields {
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly ambiguous?: boolean | undefined;
}

/**
 * What Azure or the way to it failed with, in its codes alone. It takes the place of the SDK's own error, which carries the
 * request: its URL may have a SAS token, its headers a signature, and Azure's message quotes what was signed.
 */
export class AzureError extends Error {
  static {
    this.prototype.name = "AzureError";
  }

  /** Azure's, as `BlobNotFound`, or of the connection, as `ECONNRESET`. */
  readonly code: string | undefined;
  /** Of HTTP, where there was an answer. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** In seconds. */
  readonly retryAfter: number | undefined;
  /** Whether what was asked for may have happened all the same. */
  readonly ambiguous: boolean;

  constructor(fields: AzureErrorFields) {
    const { code, status } = fields;
    const answer =
      status === undefined ? "The request to Azure failed" : `Azure answered ${status}`;
    super(code === undefined ? `${answer}.` : `${answer}: ${code}.`);
    this.code = code;
    this.status = status;
    this.requestId = fields.requestId;
    this.retryAfter = fields.retryAfter;
    this.ambiguous = fields.ambiguous ?? false;
  }
}

/** Failures before a request was sent. */
const unsent: ReadonlySet<string> = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
]);

/** What the SDK failed with. Of a request that `changes` something it is also said whether that may have happened. */
export function toAzureError(error: unknown, changes: boolean): AzureError {
  const status = numberIn(error, "statusCode");
  const headers = headersOf(error);
  const code = headers("x-ms-error-code") ?? codeOf(error);
  return new AzureError({
    code,
    status,
    requestId: headers("x-ms-request-id"),
    retryAfter: retryAfterOf(headers("retry-after"), Date.now()),
    ambiguous: changes && mayHaveHappened(code, status),
  });
}

/** No answer says nothing, and neither does one that the work took too long or broke. */
function mayHaveHappened(code: string | undefined, status: number | undefined): boolean {
  if (status === undefined) return code === undefined || !unsent.has(code);
  return status === 408 || (status >= 500 && status !== 501 && status !== 503);
}

/** The SDK names its own errors where it has no code. */
function codeOf(error: unknown): string | undefined {
  const code = valueIn(error, "code");
  if (typeof code === "string") return code;
  return error instanceof Error ? error.name : undefined;
}

function headersOf(error: unknown): (name: string) => string | undefined {
  const headers = valueIn(valueIn(error, "response"), "headers");
  return (name) => {
    const get = valueIn(headers, "get");
    const value: unknown = typeof get === "function" ? get.call(headers, name) : undefined;
    return typeof value === "string" ? value : undefined;
  };
}

function numberIn(value: unknown, name: string): number | undefined {
  const found = valueIn(value, name);
  return typeof found === "number" ? found : undefined;
}

function valueIn(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
