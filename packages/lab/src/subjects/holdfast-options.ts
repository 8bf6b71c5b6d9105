import type { S3ClientOptions } from "@holdfast/client";
import type { SubjectSettings } from "../probe/subject.ts";

/**
 * What Holdfast's client is given beside its defaults: checksums, which it asks of an unknown endpoint only when it is
 * told that there are any, and time limits.
 */
export function holdfastOptions(settings: SubjectSettings): S3ClientOptions {
  const { endpoint, region, credentials, timeoutMs } = settings;
  return {
    endpoint,
    region,
    credentials,
    addressing: "path",
    checksums: "always",
    timeouts: { connectMs: timeoutMs, headersMs: timeoutMs, idleMs: timeoutMs },
  };
}
