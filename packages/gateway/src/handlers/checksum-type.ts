import { s3Error, type ChecksumType } from "@holdfast/protocol";

/** `COMPOSITE` or `FULL_OBJECT`, if `x-amz-checksum-type` says one. */
export function readChecksumType(value: string | string[] | undefined): ChecksumType | undefined {
  if (value === undefined || value === "COMPOSITE" || value === "FULL_OBJECT") return value;
  throw s3Error("InvalidRequest", undefined, {
    message: "Value for x-amz-checksum-type header is invalid.",
    reason: "bad_checksum_header",
  });
}
