import { catalogue, isErrorCode } from "./catalogue.ts";
import { fallbackFor, type StatusFallback } from "./fallback-for.ts";
import type { ErrorMeaning, ErrorRow } from "./row.ts";
import { reasonOf, S3Error } from "./s3-error.ts";

/** What a server sent. `code` is absent where there was no body, as on HEAD. */
export interface WireError {
  readonly code?: string | undefined;
  readonly status: number;
  readonly message?: string | undefined;
  readonly details?: Readonly<Record<string, string>> | undefined;
}

/** What a server's answer means to whoever gets it, without the error that it would be. */
export interface WireMeaning extends StatusFallback {
  /** The server's, else the row's, else one that names status and code; never empty. */
  readonly message: string;
  readonly catalogued: boolean;
}

/**
 * What a server's answer means, and never fails. A catalogued code takes its row's category and retry whatever the
 * status, which only tells its causes apart; any other takes what `fallbackFor` says of the status.
 */
export function meaningOnWire({ code, status, message }: WireError): WireMeaning {
  const row = rowOf(code || String(status), status);
  const { category, retry } = row ?? fallbackFor(status);
  const text = message || row?.message || `The server answered ${status} (${code || status}).`;
  return { category, retry, message: text, catalogued: row !== undefined };
}

/** Makes the error of what an answer means by `meaningOnWire`. The code keeps its spelling. */
export function s3ErrorFromWire(wire: WireError, options?: ErrorOptions): S3Error {
  const { status, details = {} } = wire;
  const code = wire.code || String(status);
  const { category, retry, message, catalogued } = meaningOnWire(wire);
  const fields = {
    code,
    status,
    awsStatus: status,
    category,
    retry,
    details: { ...details },
    headers: {},
    // A label must not take its value from a server's bytes.
    reason: catalogued ? reasonOf(code) : "unknown_code",
  };
  const error = new S3Error(message, fields, options);
  Error.captureStackTrace(error, s3ErrorFromWire);
  return error;
}

function rowOf(code: string, status: number): ErrorMeaning | undefined {
  if (!isErrorCode(code)) return undefined;
  const row: ErrorRow = catalogue[code];
  return Object.values(row.variants ?? {}).find((variant) => variant.status === status) ?? row;
}
