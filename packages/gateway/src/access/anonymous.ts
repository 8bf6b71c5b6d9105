import { s3Error, type OperationName, type S3Error } from "@holdfast/protocol";
import type { Authenticated } from "../context.ts";
import type { Limits } from "../limits/limits.ts";
import type { AnonymousReject } from "./anonymous-rejects.ts";
import type { Control } from "./control.ts";

/** What decides on anonymous requests. */
export interface AnonymousAccess {
  /** Of the whole gateway: without it no binding counts. */
  readonly isEnabled: boolean;
  readonly control: Pick<Control, "anonymous">;
  readonly limits: Pick<Limits, "takeAnonymous">;
}

/**
 * All that anyone may ask of a bound bucket, each with its query parameters. What is not here is refused: not the
 * `response-*` overrides, by which anyone could have a page of their own served from this host, nor who owns an object.
 */
const allowed: ReadonlyMap<OperationName, ReadonlySet<string>> = new Map([
  ["GetObject", new Set(["partNumber", "x-id"])],
  ["HeadObject", new Set(["partNumber", "x-id"])],
  [
    "ListObjectsV2",
    new Set([
      "continuation-token",
      "delimiter",
      "encoding-type",
      "list-type",
      "max-keys",
      "prefix",
      "start-after",
      "x-id",
    ]),
  ],
]);

/** Lets an anonymous request pass, or throws `AccessDenied` or `SlowDown` with one of the reasons. */
export function admitAnonymous(request: Authenticated, access: AnonymousAccess): void {
  if (!access.isEnabled) throw refused("disabled_globally");
  const { bucket, address } = request;
  const binding = bucket === "" ? undefined : access.control.anonymous(bucket);
  if (binding === undefined) throw refused("no_binding");
  if (!isAllowed(request)) throw refused("operation_not_allowed");
  const { requestsPerSecond } = binding;
  const seconds = access.limits.takeAnonymous(bucket, address, requestsPerSecond);
  if (seconds === undefined) return;
  const reason: AnonymousReject = "rate_limited";
  throw s3Error("SlowDown", undefined, { reason, headers: { "retry-after": String(seconds) } });
}

function isAllowed({ operation, query }: Authenticated): boolean {
  const parameters = allowed.get(operation);
  if (parameters === undefined) return false;
  return [...query.keys()].every((name) => parameters.has(name));
}

function refused(reason: AnonymousReject): S3Error {
  return s3Error("AccessDenied", undefined, { reason });
}
