export type { Attachment, Control } from "./access/control.ts";
export type { Credential, CredentialLimits, Grant, Principal } from "./access/credential.ts";
export { rootControl } from "./access/root-control.ts";
export { startAdmin } from "./admin/admin.ts";
export type { AuditEventAnswer } from "./admin/routes/audit.ts";
export type { ResealAnswer } from "./admin/routes/keys.ts";
export type {
  AnonymousAnswer,
  AttachmentAnswer,
  BucketAnswer,
  QuotaAnswer,
  RecountAnswer,
} from "./admin/schemas/bucket.ts";
export type { CorsAnswer } from "./admin/schemas/cors.ts";
export type {
  CreatedCredentialAnswer,
  CreatedSessionAnswer,
  CredentialAnswer,
} from "./admin/schemas/credential.ts";
export type { TenantAnswer } from "./admin/schemas/tenant.ts";
export type { AdminServer } from "./admin/server.ts";
export { adminTokenDigest } from "./admin/token.ts";
export type { AuditEvent, AuditKind, AuditRow } from "./audit/audit-event.ts";
export type { ExportFormat } from "./audit/audit-export.ts";
export { openAudit, type Audit, type AuditOptions, type AuditState } from "./audit/audit-log.ts";
export type { AuditFilter, AuditPage, AuditQuery } from "./audit/audit-query.ts";
export type { AuditRetention } from "./audit/retention.ts";
export {
  ControlError,
  controlErrors,
  type ControlErrorCode,
  type ControlErrorDetail,
} from "./control/control-error.ts";
export type {
  BucketSettings,
  ControlPlane,
  ControlState,
  CredentialChanges,
  NewCredential,
  NewGrant,
  NewSessionCredential,
  PageRequest,
} from "./control/control-plane.ts";
export type { CredentialDescription, GrantDescription } from "./control/credential-rows.ts";
export type { CreatedCredential, CredentialPage } from "./control/credentials.ts";
export { copyControl } from "./control/copy-control.ts";
export type { ControlDatabase } from "./control/database.ts";
export type { MasterKeySource } from "./control/master-keys.ts";
export { openControl, type ControlOptions } from "./control/open-control.ts";
export { ControlOpenError, type ControlOpenCode } from "./control/open-error.ts";
export type { ResealReport } from "./control/reseal.ts";
export type { CreatedSessionCredential } from "./control/session-credentials.ts";
export type { Quota } from "./control/sources.ts";
export type { Tenant, TenantPage } from "./control/tenants.ts";
export { startGateway } from "./gateway.ts";
export type { TlsIdentity } from "./http/tls.ts";
export type { RequestLimits } from "./limits/limits.ts";
export { isNetwork } from "./limits/trusted-proxies.ts";
export { openQuotas, type OpenQuotas } from "./quota/open-quotas.ts";
export type { Quotas } from "./quota/quotas.ts";
export type { Recount } from "./quota/recount.ts";
export type { Usage } from "./quota/usage-rows.ts";
export type { SoftQuota } from "./stages/settle.ts";
export {
  statusProfiles,
  type Gateway,
  type GatewayLimits,
  type GatewayOptions,
  type RequestRecord,
  type StatusProfile,
  type Upstreams,
} from "./options.ts";
export type { Page } from "./operator/page.ts";
export { sampleQuotas } from "./operator/quota-readings.ts";
export type { ParentContext, RequestSpan, RequestTracer } from "./operator/trace-request.ts";
export { UpstreamMeter } from "./operator/upstream-meter.ts";
export type { PartCheck } from "./operator/readiness.ts";
export { Metrics, type Reading, type Readings } from "./operator/metrics.ts";
export { openUpstreams, type OpenUpstreams } from "./upstream/open-upstreams.ts";
export type { UpstreamConfig, UpstreamLimits } from "./upstream/upstream-config.ts";
