import { catalogue } from "./catalogue.ts";
import { isErrorCode } from "./is-error-code.ts";
import { meaningOnWire } from "./meaning-on-wire.ts";
import type { ErrorRow } from "./row.ts";
import { reasonOf, S3Error } from "./s3-error.ts";

/** What a server sent. `code` is absent where there was no body, as on HEAD. */
export interface WireError {
  readonly code?: string | undefined;
  readonly status: number;
  readonly message?: string | undefined;
  readonly details?: Readonly<Record<string, string>> | undefined;
}

/** Makes the error of what an answer means by `meaningOnWire`. The code keeps its spelling. */
export function s3ErrorFromWire(wire: WireError, options?: ErrorOptions): S3Error {
  const { status, details = {} } = wire;
  const code = wire.code || String(status);
  const { category, retry } = meaningOnWire(code, status);
  const fields = {
    code,
    status,
    awsStatus: status,
    category,
    retry,
    details: { ...details },
    headers: {},
    // A label must not take its value from a server's bytes.
    reason: isErrorCode(code) ? reasonOf(code) : "unknown_code",
  };
  const message =
    wire.message || messageOf(code, status) || `The server answered ${status} (${code}).`;
  const error = new S3Error(message, fields, options);
  Error.captureStackTrace(error, s3ErrorFromWire);
  return error;
}

function messageOf(code: string, status: number): string | undefined {
  if (!isErrorCode(code)) return undefined;
  const row: ErrorRow = catalogue[code];
  const variants = Object.values(row.variants ?? {});
  return (variants.find((variant) => variant.status === status) ?? row).message;
}
