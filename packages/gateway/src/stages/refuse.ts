import { renderErrorDocument, S3Error, s3Error, splitTarget } from "@holdfast/protocol";
import type { Reply } from "../context.ts";
import type { StatusProfile } from "../options.ts";

interface Refusal {
  readonly profile: StatusProfile;
  readonly method: string;
  readonly target: string;
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
  const { requestId, hostId, target } = refusal;
  const resource = target.split("?", 1)[0] ?? "";
  const body = renderErrorDocument(error, {
    resource,
    requestId,
    hostId,
    ...namesOf(target),
  });
  return { status, headers, body };
}

/** What the target names, also when the request was refused before anyone asked. */
function namesOf(target: string): { readonly bucket?: string; readonly key?: string } {
  try {
    const { bucket, key } = splitTarget(target);
    return {
      ...(bucket === undefined ? {} : { bucket }),
      ...(key === undefined ? {} : { key }),
    };
  } catch {
    // The target names nothing, which may be why the request is refused.
    return {};
  }
}
