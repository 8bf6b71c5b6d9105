import type { SubjectSettings } from "../probe/subject.ts";

/**
 * How the AWS SDK's client is set up, by itself and below what stands on it: defaults, but for where the lab is, and for
 * its timeouts of a connection and of a socket on which nothing comes, `connectionTimeout` and `socketTimeout`. By
 * default it has none; `requestTimeout` is of a whole request, whatever its size, and only warns unless told to throw.
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
    requestHandler: { connectionTimeout: timeoutMs, socketTimeout: timeoutMs },
  };
}
