import type { UploadRef } from "@holdfast/engine";
import type { Authorized } from "../context.ts";

/** The upload that the request is about. */
export function uploadRef({ bucket, key, query }: Authorized): UploadRef {
  return { bucket, key, uploadId: query.get("uploadId") ?? "" };
}
