import type { RequestRecord } from "../options.ts";

/**
 * What an event is. `denied`: whoever asked may not, or not now. `failed`: anything else that was refused or went wrong.
 * `dropped`: what the audit itself could not keep.
 */
export const auditKinds = ["control", "denied", "dropped", "failed", "read", "write"] as const;
export type AuditKind = (typeof auditKinds)[number];

/** What an event says of a request in the words of its record. */
type Told =
  | "accessKeyId"
  | "address"
  | "bucket"
  | "bytesIn"
  | "bytesOut"
  | "code"
  | "copySource"
  | "durationMs"
  | "key"
  | "principal"
  | "reason"
  | "requestId"
  | "status"
  | "tenant"
  | "upstream"
  | "upstreamRequestId";

type ToldOfRequest = { readonly [Name in Told]?: RequestRecord[Name] | undefined };

/** Something that happened, as it is told to the audit. Never holds a secret, a signature or a session token. */
export interface AuditEvent extends ToldOfRequest {
  readonly kind: AuditKind;
  /** Of S3, or of the control plane, such as `credential.create`. */
  readonly operation: string;
  /** The answer did not reach its end. */
  readonly aborted?: true | undefined;
  /** What else there is to say of a change or of what was dropped. */
  readonly detail?: Readonly<Record<string, boolean | number | string>> | undefined;
}

/** An event as it stands in the audit. */
export interface AuditRow extends AuditEvent {
  /** Of this event alone. */
  readonly id: string;
  /** When it was over, in milliseconds since 1970; never less than that of the row before it of the same process. */
  readonly time: number;
}
