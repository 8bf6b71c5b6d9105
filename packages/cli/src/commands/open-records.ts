import { join } from "node:path";
import type { Engine } from "@holdfast/engine";
import {
  Metrics,
  openAudit,
  openQuotas,
  openUpstreams,
  sampleQuotas,
  UpstreamMeter,
  type Audit,
  type ControlPlane,
  type OpenUpstreams,
  type Quotas,
  type UpstreamConfig,
} from "@holdfast/gateway";
import type { Settings } from "../config/settings.ts";
import type { Closing } from "./closing.ts";
import { usageFailure } from "./usage-failure.ts";

/** What requests are counted in and told to, and where they are forwarded. */
export interface Records {
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly quotas: Quotas;
  readonly upstreams: OpenUpstreams;
  readonly upstreamChecks: UpstreamMeter["checks"];
}

interface Known {
  readonly directory: string;
  readonly engine: Engine;
  readonly control: ControlPlane;
  readonly upstreamConfigs: readonly UpstreamConfig[];
  readonly settings: Pick<Settings, "audit">;
}

/** Opens them in a data directory; `closing` closes them. */
export async function openRecords(
  { directory, engine, control, upstreamConfigs, settings }: Known,
  closing: Closing,
): Promise<Records> {
  const { retentionDays: days, sizeMax: bytesMax, reads } = settings.audit;
  const auditDirectory = join(directory, "audit");
  const audit = await openAudit({
    directory: auditDirectory,
    retention: { days, bytesMax },
    reads,
  });
  closing.add(() => audit.close());
  const metrics = new Metrics();
  const names = upstreamConfigs.map(({ name }) => name);
  const meter = new UpstreamMeter(metrics, names);
  const upstreams = openUpstreams(upstreamConfigs, { told: meter.told });
  closing.add(() => upstreams.close());
  const quotas = await openQuotas({
    file: join(directory, "usage.db"),
    engine,
    quotaOf: (bucket) => control.quota(bucket),
    upstreams,
    attachmentOf: (bucket) => control.attachment(bucket),
  }).catch((cause: unknown) => {
    throw usageFailure(cause);
  });
  closing.add(() => quotas.close());
  sampleQuotas(metrics, {
    buckets: () => quotaBuckets(control),
    quotaOf: (bucket) => control.quota(bucket),
    usage: (bucket) => quotas.usage(bucket),
  });
  return { audit, metrics, quotas, upstreams, upstreamChecks: meter.checks };
}

function quotaBuckets(control: ControlPlane): readonly string[] {
  return control
    .settings()
    .filter(({ quota }) => quota !== undefined)
    .map(({ bucket }) => bucket);
}
