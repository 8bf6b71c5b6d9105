import { s3Error, type PayloadMode } from "@holdfast/protocol";

const emptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Refuses a request without a body whose signature speaks of one. */
export function requireEmpty(payload: PayloadMode): void {
  if (payload.kind !== "hashed" || payload.sha256 === emptySha256) return;
  throw s3Error("XAmzContentSHA256Mismatch", {
    ClientComputedContentSHA256: payload.sha256,
    S3ComputedContentSHA256: emptySha256,
  });
}
