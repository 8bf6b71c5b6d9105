export type { Attachment, Control } from "./access/control.ts";
export type { Credential, CredentialLimits, Grant, Principal } from "./access/credential.ts";
export { rootControl } from "./access/root-control.ts";
export type { AuditEvent, AuditKind, AuditRow } from "./audit/audit-event.ts";
export type { ExportFormat } from "./audit/audit-export.ts";
export { openAudit, type Audit, type AuditOptions, type AuditState } from "./audit/audit-log.ts";
export type { AuditFilter, AuditPage, AuditQuery } from "./audit/audit-query.ts";
export type { AuditRetention } from "./audit/retention.ts";
export { startGateway } from "./gateway.ts";
export type { RequestLimits } from "./limits/limits.ts";
export { isNetwork } from "./limits/trusted-proxies.ts";
export {
  statusProfiles,
  type Gateway,
  type GatewayLimits,
  type GatewayOptions,
  type RequestRecord,
  type StatusProfile,
  type Upstreams,
} from "./options.ts";
export { Metrics, type Reading, type Readings } from "./operator/metrics.ts";
