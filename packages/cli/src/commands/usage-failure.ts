import { ConfigError } from "../config/config-error.ts";
import { errorCode } from "../error-code.ts";

/** By the code of a file of counts that did not open: what to do. */
const mends = new Map([
  ["DATABASE_BUSY", "end the program that holds it, such as a shell of SQLite in a transaction"],
  ["DATABASE_DAMAGED", "delete the file: each bucket with a quota is then counted anew"],
  ["DATABASE_FAILED", "check its disk and permissions"],
]);

/** What an operator can do when what is counted of buckets does not open; any other failure as it is. */
export function usageFailure(cause: unknown): unknown {
  const mend = mends.get(errorCode(cause) ?? "");
  if (mend === undefined || !(cause instanceof Error)) return cause;
  return new ConfigError(`Quotas cannot be counted, for ${cause.message}`, mend, { cause });
}
