import type { OperationContext } from "./s3-error.ts";
import { toS3Error } from "./to-s3-error.ts";
import { WireFailure } from "./wire-failure.ts";

/** What a caller gets of an error that belongs to no request. Only a failure of the client's own changes. */
export function asS3Error(error: unknown, context: OperationContext): unknown {
  if (!(error instanceof WireFailure)) return error;
  return toS3Error(error.fields, { context, history: [], ambiguous: false });
}
