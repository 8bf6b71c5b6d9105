import { s3Error, type S3Error } from "@holdfast/protocol";
import type { UpstreamFailure } from "./upstream-failure.ts";

/** Long enough for a connection to be tried again, and no longer than a client would wait by itself. */
const retryAfterSeconds = 1;

/** The upstream could not be asked, or did not say: 503, with the time to come again. */
export function unavailable(reason: string, cause?: unknown, retryAfter?: string): S3Error {
  return s3Error("ServiceUnavailable", undefined, {
    cause,
    reason,
    headers: { "retry-after": retryAfter ?? String(retryAfterSeconds) },
  });
}

/** What the upstream said is not S3: 502, and nothing of it reaches the client. */
export function badGateway(reason: string, cause?: unknown): S3Error {
  return s3Error("BadGateway", undefined, { cause, reason });
}

/** It is this server that the upstream does not believe, not its client. */
export function credentialRefused(cause?: unknown): S3Error {
  return s3Error("InternalError", undefined, { cause, reason: "upstream_credential" });
}

/** What a client is told of a connection that failed. */
export function errorOfFailure(failure: UpstreamFailure): S3Error {
  const { phase, kind } = failure;
  if (kind === "nonsense") return badGateway("upstream_malformed", failure);
  if (kind === "timeout") return unavailable("upstream_timeout", failure);
  if (kind === "unreachable") return unavailable("upstream_unreachable", failure);
  if (phase === "answering") return badGateway("upstream_truncated", failure);
  return unavailable("upstream_reset", failure);
}
