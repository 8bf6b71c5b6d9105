import type { SubjectSettings } from "../probe/subject.ts";

/**
 * How the AWS SDK's client is set up, by itself and below what stands on it: defaults, but for where the lab is, and for
 * its timeouts: `connectionTimeout`, `socketTimeout` (nothing comes), and `requestTimeout` (no answer yet) with
 * `throwOnRequestTimeout`, without which it only warns. By default it has none.
 */
export function awsSdkOptions({
  endpoint,
  region,
  credentials,
  timeoutMs,
}: SubjectSettings): object {
  return {
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestHandler: {
      connectionTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
    },
  };
}
