import { meaningOnWire, operations, type OperationRow } from "@holdfast/protocol";
import type { KeyDeletion } from "../context.ts";
import type { RequestRecord } from "../options.ts";
import type { AuditEvent, AuditKind } from "./audit-event.ts";

const rows: ReadonlyMap<string, OperationRow> = new Map(Object.entries(operations));

/** Whose asking, or whose asking now, is what is wrong. */
const denials: ReadonlySet<string> = new Set(["forbidden", "throttled", "unauthenticated"]);

/** The event of a finished request; undefined for a successful read unless `reads`. */
export function eventOfRequest(
  record: RequestRecord,
  { reads }: { readonly reads: boolean },
): AuditEvent | undefined {
  const kind = kindOf(record);
  if (kind === undefined || (kind === "read" && !reads)) return undefined;
  return {
    kind,
    operation: record.operation,
    status: record.status,
    code: record.code,
    reason: record.reason,
    principal: record.principal,
    accessKeyId: record.accessKeyId,
    tenant: record.tenant,
    address: record.address,
    bucket: record.bucket,
    key: record.key,
    copySource: record.copySource,
    upstream: record.upstream,
    upstreamRequestId: record.upstreamRequestId,
    requestId: record.requestId,
    bytesIn: record.bytesIn,
    bytesOut: record.bytesOut,
    durationMs: record.durationMs,
    aborted: record.aborted || undefined,
  };
}

/** The event of one key of a deletion of many: what it has in common with its request, and what became of it. */
export function eventOfDeletion(
  record: RequestRecord,
  { key, code, reason }: KeyDeletion,
): AuditEvent {
  const { operation, status, principal, accessKeyId, tenant, address, bucket, upstream } = record;
  return {
    kind: kindOf({ ...record, code }) ?? "write",
    operation,
    status,
    code,
    reason,
    principal,
    accessKeyId,
    tenant,
    address,
    bucket,
    key,
    upstream,
    requestId: record.requestId,
  };
}

function kindOf({ status, code, operation }: RequestRecord): AuditKind | undefined {
  // A code behind a success: a body was cut on purpose, or a deletion of many was granted in part.
  if (status >= 400 || (status < 300 && code !== undefined)) {
    return denials.has(meaningOnWire(code ?? "", status).category) ? "denied" : "failed";
  }
  const method = rows.get(operation)?.method;
  if (method === undefined) return undefined;
  return method === "GET" || method === "HEAD" ? "read" : "write";
}
