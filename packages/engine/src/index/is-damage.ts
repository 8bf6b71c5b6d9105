import { S3Error } from "@holdfast/protocol";

const damage: ReadonlySet<string> = new Set(["corrupt_index", "corrupt_record"]);

/** Whether a record that could not be read or made sense of is damaged, or only could not be had now. */
export function isDamage(cause: unknown): boolean {
  if (S3Error.is(cause)) return damage.has(cause.reason);
  return cause instanceof RangeError || cause instanceof SyntaxError || cause instanceof TypeError;
}
