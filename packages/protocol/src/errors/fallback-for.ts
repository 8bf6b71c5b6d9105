import type { ErrorCategory, RetryClass } from "./category.ts";

/** What a status alone says of a failure whose code is missing or not catalogued. */
export interface StatusFallback {
  readonly category: ErrorCategory;
  readonly retry: RetryClass;
}

const byStatus: ReadonlyMap<number, StatusFallback> = new Map([
  [304, { category: "not-modified", retry: "never" }],
  [401, { category: "unauthenticated", retry: "never" }],
  [403, { category: "forbidden", retry: "never" }],
  [404, { category: "not-found", retry: "never" }],
  [405, { category: "unsupported", retry: "never" }],
  [408, { category: "timeout", retry: "transient" }],
  [409, { category: "conflict", retry: "never" }],
  [410, { category: "not-found", retry: "never" }],
  [412, { category: "precondition-failed", retry: "restart" }],
  [416, { category: "invalid-request", retry: "restart" }],
  [423, { category: "locked", retry: "transient" }],
  [429, { category: "throttled", retry: "throttling" }],
  [499, { category: "cancelled", retry: "never" }],
  // A 5xx is transient unless the server says that it never will, or has no room.
  [501, { category: "unsupported", retry: "never" }],
  [505, { category: "unsupported", retry: "never" }],
  [507, { category: "quota-exceeded", retry: "never" }],
  [509, { category: "quota-exceeded", retry: "never" }],
]);

/** Category and retry of a status by itself; a code, where one is known, decides before it. */
export function fallbackFor(status: number): StatusFallback {
  const exact = byStatus.get(status);
  if (exact !== undefined) return exact;
  if (status >= 300 && status < 400) return { category: "redirect", retry: "region" };
  if (status >= 400 && status < 500) return { category: "invalid-request", retry: "never" };
  // An error under a 2xx began after the head was sent: the server failed, not the request.
  return { category: "unavailable", retry: "transient" };
}
