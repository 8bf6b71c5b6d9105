import { catalogue, isErrorCode } from "./catalogue.ts";
import { fallbackFor, type StatusFallback } from "./fallback-for.ts";
import type { ErrorRow } from "./row.ts";
import { reasonOf, S3Error } from "./s3-error.ts";

/** What a server sent. `code` is absent where there was no body, as on HEAD. */
export interface WireError {
  readonly code?: string | undefined;
  readonly status: number;
  readonly message?: string | undefined;
  readonly details?: Readonly<Record<string, string>> | undefined;
}

/**
 * Makes the error that a server's answer means, and never fails. A catalogued code takes its row's category and
 * retry whatever the status; any other keeps its spelling and takes what `fallbackFor` says of the status.
 */
export function s3ErrorFromWire(wire: WireError, options?: ErrorOptions): S3Error {
  const { status, details = {} } = wire;
  const code = wire.code || String(status);
  const known = meaningOf(code, status);
  const { category, retry } = known ?? fallbackFor(status);
  const message = wire.message || known?.message || `The server answered ${status} (${code}).`;
  const fields = {
    code,
    status,
    awsStatus: status,
    category,
    retry,
    details: { ...details },
    headers: {},
    // A label must not take its value from a server's bytes.
    reason: known === undefined ? "unknown_code" : reasonOf(code),
  };
  const error = new S3Error(message, fields, options);
  Error.captureStackTrace(error, s3ErrorFromWire);
  return error;
}

function meaningOf(
  code: string,
  status: number,
): (StatusFallback & { message: string }) | undefined {
  if (!isErrorCode(code)) return undefined;
  const row: ErrorRow = catalogue[code];
  return Object.values(row.variants ?? {}).find((variant) => variant.status === status) ?? row;
}
