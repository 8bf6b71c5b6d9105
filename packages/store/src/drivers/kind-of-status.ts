import type { FailureKind } from "../errors/driver-failure.ts";

const kinds: Readonly<Record<number, FailureKind>> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not-found",
  405: "unsupported",
  407: "unauthenticated",
  408: "timeout",
  409: "conflict",
  410: "not-found",
  412: "precondition-failed",
  423: "locked",
  425: "unavailable",
  429: "throttled",
  501: "unsupported",
  504: "timeout",
  507: "quota-exceeded",
};

/** What a status of HTTP means where the service says nothing more exact. */
export function kindOfStatus(status: number): FailureKind {
  const known = kinds[status];
  if (known !== undefined) return known;
  if (status >= 500) return "unavailable";
  if (status >= 400) return "invalid-request";
  return status >= 300 ? "redirect" : "unavailable";
}
