import { s3Error } from "@holdfast/protocol";

/** Part numbers go from 1 to here: UserGuide/qfacts. */
const partNumberMax = 10_000;

/** A part number of S3, 1 to 10,000; `InvalidArgument` for anything else. */
export function parsePartNumber(value: string): number {
  const number = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (number >= 1 && number <= partNumberMax) return number;
  throw s3Error("InvalidArgument", undefined, {
    message: `Part number must be an integer between 1 and ${partNumberMax}, inclusive`,
    extra: { ArgumentName: "partNumber", ArgumentValue: value },
  });
}
