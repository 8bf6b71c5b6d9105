import { toS3Error } from "../errors/to-s3-error.ts";

/** What an option of a number may be. */
interface Bounds {
  readonly min: number;
}

/**
 * A number that a caller gave, or an `S3Error` of `InvalidConfiguration` if it is out of bounds. What is no number at all
 * is compared as false, and would make a limit none.
 */
export function checkedNumber(
  [name, value]: readonly [name: string, value: number],
  { min }: Bounds,
): number {
  if (typeof value === "number" && value >= min) return value;
  const message = `${name} must be a number, of at least ${min}.`;
  const context = { operation: "configure" };
  throw toS3Error(
    { code: "InvalidConfiguration", message },
    { context, history: [], ambiguous: false },
  );
}
