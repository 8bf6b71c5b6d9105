import {
  renderErrorDocument,
  S3Error,
  s3Error,
  splitTarget,
  type Target,
} from "@holdfast/protocol";
import type { Received, Reply, Routed } from "../context.ts";
import { ControlError, controlErrors } from "../control/control-error.ts";
import type { StatusProfile } from "../options.ts";

interface Refusal {
  readonly profile: StatusProfile;
  readonly hostId: string;
  /** As much as the stages found out before one of them refused. */
  readonly known: Pick<Received, "method" | "target" | "requestId"> &
    Partial<Pick<Routed, "bucket" | "key">>;
}

/**
 * An unexpected failure becomes `InternalError` here and nowhere else, and what the control plane cannot do now
 * `ServiceUnavailable`; the cause stays with us.
 */
export function asS3Error(cause: unknown): S3Error {
  if (S3Error.is(cause)) return cause;
  if (cause instanceof ControlError && controlErrors[cause.code].status === 503) {
    const headers = { "retry-after": "1" };
    return s3Error("ServiceUnavailable", undefined, { cause, reason: "control_unavailable", headers }); // prettier-ignore
  }
  return s3Error("InternalError", undefined, { cause, reason: "unexpected" });
}

/** The answer that states an error: S3's document, or the status alone where HTTP allows no body. */
export function refuse(error: S3Error, refusal: Refusal): Reply {
  const status = refusal.profile === "aws" ? error.awsStatus : error.status;
  if (status === 304) return { status, headers: error.headers };
  const headers = Object.assign({}, error.headers, { "content-type": "application/xml" });
  const { hostId, known } = refusal;
  // Without a length, as S3 answers: RFC 9110, 9.3.2, lets a HEAD omit what only making the body tells,
  // and 8.6 forbids any length but that of the document which a GET would have.
  if (known.method === "HEAD") return { status, headers: { ...headers, ...codeHeader(error) } };
  const { requestId, target } = known;
  const mark = target.indexOf("?");
  const resource = mark === -1 ? target : target.slice(0, mark);
  const { bucket, key } = known.bucket === undefined ? namesOf(target) : known;
  const body = renderErrorDocument(error, {
    resource,
    requestId,
    hostId,
    bucket: bucket || undefined,
    key: key || undefined,
  });
  return { status, headers, body };
}

/** The code where no document can state it, as S3 states it on the endpoints of its websites. */
export function codeHeader({ code }: S3Error): Readonly<Record<string, string>> {
  return { "x-amz-error-code": code };
}

/** What the target names, also when the request was refused before anyone asked. */
export function namesOf(target: string): Partial<Pick<Target, "bucket" | "key">> {
  try {
    return splitTarget(target);
  } catch {
    // The target names nothing, which may be why the request is refused.
    return {};
  }
}
