import type { Health } from "@holdfast/engine";
import type { Crowd } from "../http/crowd.ts";
import type { Audit, AuditState } from "../audit/audit-log.ts";
import type { Limits } from "../limits/limits.ts";
import type { Pipeline } from "../pipeline.ts";
import type { Metrics, Reading } from "./metrics.ts";
import { isWell, type PartCheck } from "./readiness.ts";
import { sampleProcess } from "./process-readings.ts";

interface Read {
  readonly pipeline: Pick<Pipeline, "inFlight">;
  readonly limits: Pick<Limits, "sizes">;
  readonly crowd: Pick<Crowd, "refusals" | "served" | "servedMax">;
  readonly checks: readonly PartCheck[];
  readonly audit?: Pick<Audit, "state"> | undefined;
  readonly health?: (() => Health) | undefined;
  readonly version?: string | undefined;
}

/** Has the metrics show what a gateway knows of itself at any time; call what it returns when the gateway ends. */
export function sampleGateway(metrics: Metrics, read: Read): () => void {
  const { pipeline, crowd, limits, checks, health, audit, version = "" } = read;
  metrics.sample("holdfast_build_info", () => [[{ version, node: process.versions.node }, 1]]);
  metrics.sample("holdfast_requests_in_flight", () => [[{}, pipeline.inFlight]]);
  metrics.sample("holdfast_limiter_entries", () =>
    Object.entries(limits.sizes).map(([limiter, size]) => [{ limiter }, size]),
  );
  metrics.sample("holdfast_connections", () => [[{}, crowd.served]]);
  metrics.sample("holdfast_connections_max", () => [[{}, crowd.servedMax]]);
  metrics.sample("holdfast_connections_refused_total", () => [[{}, crowd.refusals]]);
  metrics.sample("holdfast_ready", () =>
    checks.map((check) => [{ part: check.part }, Number(isWell(check))]),
  );
  if (health !== undefined) {
    metrics.sample("holdfast_writable", () => [[{}, Number(health().writable)]]);
    metrics.sample("holdfast_sync_failures_total", () => [[{}, health().syncFailures]]);
  }
  if (audit !== undefined) sampleAudit(metrics, audit);
  return sampleProcess(metrics);
}

function byKind(counts: AuditState["written"]): readonly Reading<"holdfast_audit_events_total">[] {
  return [...counts].map(([kind, count]) => [{ kind }, count]);
}

function sampleAudit(metrics: Metrics, audit: Pick<Audit, "state">): void {
  metrics.sample("holdfast_audit_events_total", () => byKind(audit.state().written));
  metrics.sample("holdfast_audit_dropped_total", () => byKind(audit.state().dropped));
  metrics.sample("holdfast_audit_waiting_events", () => [[{}, audit.state().waiting]]);
  metrics.sample("holdfast_audit_bytes", () => [[{}, audit.state().bytes]]);
  metrics.sample("holdfast_audit_write_failures_total", () => [[{}, audit.state().writeFailures]]);
}
