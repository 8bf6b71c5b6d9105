import { join } from "node:path";
import type { Engine } from "@holdfast/engine";
import type { Audit, ControlPlane, OpenUpstreams, Quotas, UpstreamConfig } from "@holdfast/gateway";
import { Metrics, openAudit, openQuotas, openUpstreams } from "@holdfast/gateway";
import type { Closing } from "./closing.ts";

/** What requests are counted in and told to, and where they are forwarded. */
export interface Records {
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly quotas: Quotas;
  readonly upstreams: OpenUpstreams;
}

interface Known {
  readonly directory: string;
  readonly engine: Engine;
  readonly control: ControlPlane;
  readonly upstreamConfigs: readonly UpstreamConfig[];
}

/** Opens them in a data directory; `closing` closes them. */
export async function openRecords(
  { directory, engine, control, upstreamConfigs }: Known,
  closing: Closing,
): Promise<Records> {
  const audit = await openAudit({ directory: join(directory, "audit") });
  closing.add(() => audit.close());
  const metrics = new Metrics();
  const upstreams = openUpstreams(upstreamConfigs, { told: upstreamMeter(metrics) });
  closing.add(() => upstreams.close());
  const quotas = openQuotas({
    file: join(directory, "usage.db"),
    engine,
    quotaOf: (bucket) => control.quota(bucket),
    upstreams,
    attachmentOf: (bucket) => control.attachment(bucket),
  });
  closing.add(() => quotas.close());
  sampleQuotas(metrics, control);
  return { audit, metrics, quotas, upstreams };
}

type Told = NonNullable<NonNullable<Parameters<typeof openUpstreams>[1]>["told"]>;

/** Counts each try to forward a request. */
function upstreamMeter(metrics: Metrics): Told {
  const isUp = new Map<string, number>();
  metrics.sample("holdfast_upstream_up", () =>
    [...isUp].map(([upstream, value]) => [{ upstream }, value] as const),
  );
  return ({ upstream, durationMs, failure }) => {
    isUp.set(upstream, failure === undefined ? 1 : 0);
    metrics.observe("holdfast_upstream_duration_seconds", { upstream }, durationMs / 1000);
    if (failure === undefined) return;
    metrics.count("holdfast_upstream_failures_total", { upstream, kind: failure });
  };
}

function sampleQuotas(metrics: Metrics, control: ControlPlane): void {
  const limits = (of: "softBytes" | "hardBytes") => () =>
    control.settings().flatMap(({ bucket, quota }) => {
      const bytes = quota?.[of];
      return bytes === undefined ? [] : [[{ bucket }, bytes] as const];
    });
  metrics.sample("holdfast_quota_soft_bytes", limits("softBytes"));
  metrics.sample("holdfast_quota_hard_bytes", limits("hardBytes"));
}
