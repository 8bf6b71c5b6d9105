import { s3Error } from "@holdfast/protocol";
import { openPayload, type Payload } from "../body/payload.ts";
import type { Authorized } from "../context.ts";

/** Of one PUT, one part and one copy: UserGuide/qfacts. */
export const uploadBytesMax = 5 * 1024 ** 3;

/** The body of a PUT, within the size that S3 takes in one request. */
export function openUpload(request: Authorized): Payload {
  const payload = openPayload(request);
  if (payload.size > uploadBytesMax) {
    throw s3Error("EntityTooLarge", undefined, {
      extra: { ProposedSize: String(payload.size), MaxSizeAllowed: String(uploadBytesMax) },
    });
  }
  return payload;
}
