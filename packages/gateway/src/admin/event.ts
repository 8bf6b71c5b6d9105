import type { AuditEvent, AuditKind } from "../audit/audit-event.ts";
import type { AdminErrorCode } from "./catalogue.ts";

/** One request to the admin API that changed something or was refused. No body of this API holds a secret. */
export interface AdminEvent {
  readonly requestId: string;
  /** The row's name; `unknown` for a path that is none. */
  readonly action: string;
  /** What the path names: `tenant`, `bucket`, `accessKeyId`. */
  readonly path: Readonly<Record<string, string>>;
  /** What was asked for; undefined when it was not read. */
  readonly body: unknown;
  /** What was answered, when it was done. */
  readonly answer: unknown;
  readonly status: number;
  /** Undefined when it was done. */
  readonly code: AdminErrorCode | undefined;
  /** Of the peer. */
  readonly address: string;
}

const denials: ReadonlySet<AdminErrorCode> = new Set(["host_not_allowed", "unauthorized"]);
const bodyLengthMax = 4096;

/** The same for the audit. Of an answer it takes names alone, for one of them has a secret. */
export function auditEventOf(event: AdminEvent): AuditEvent {
  const { requestId, action, body, status, code, address } = event;
  const asked = body === undefined ? undefined : JSON.stringify(body).slice(0, bodyLengthMax);
  return {
    kind: kindOf(code),
    operation: action,
    requestId,
    status,
    code,
    address,
    tenant: named(event, "tenant"),
    bucket: named(event, "bucket"),
    accessKeyId: named(event, "accessKeyId"),
    ...(asked !== undefined && { detail: { asked } }),
  };
}

function kindOf(code: AdminErrorCode | undefined): AuditKind {
  if (code === undefined) return "control";
  return denials.has(code) ? "denied" : "failed";
}

type Names = { readonly [name: string]: unknown };

function named({ path, body, answer }: AdminEvent, name: string): string | undefined {
  const places = [path, answer, body].filter(
    (place): place is Names => typeof place === "object" && place !== null,
  );
  return places.map((place) => place[name]).find((value) => typeof value === "string");
}
