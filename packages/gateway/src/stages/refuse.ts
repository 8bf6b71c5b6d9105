import { renderErrorDocument, S3Error, s3Error } from "@holdfast/protocol";
import type { Reply } from "../context.ts";
import type { StatusProfile } from "../options.ts";

interface Refusal {
  readonly profile: StatusProfile;
  readonly method: string;
  readonly target: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly requestId: string;
  readonly hostId: string;
}

/** An unexpected failure becomes `InternalError` here and nowhere else; its cause stays with us. */
export function asS3Error(cause: unknown): S3Error {
  return S3Error.is(cause)
    ? cause
    : s3Error("InternalError", undefined, { cause, reason: "unexpected" });
}

/** The answer that states an error: S3's document, or the status alone where HTTP allows no body. */
export function refuse(error: S3Error, refusal: Refusal): Reply {
  const status = refusal.profile === "aws" ? error.awsStatus : error.status;
  const headers = { ...error.headers };
  if (status === 304) return { status, headers };
  headers["content-type"] = "application/xml";
  if (refusal.method === "HEAD") return { status, headers };
  const { bucket, key, requestId, hostId, target } = refusal;
  const resource = target.split("?", 1)[0] ?? "";
  const body = renderErrorDocument(error, {
    resource,
    requestId,
    hostId,
    bucket: bucket === "" ? undefined : bucket,
    key: key === "" ? undefined : key,
  });
  return { status, headers, body };
}
