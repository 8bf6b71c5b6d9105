import type { Health } from "@holdfast/engine";
import type { Crowd } from "../http/crowd.ts";
import type { Pipeline } from "../pipeline.ts";
import type { Metrics } from "./metrics.ts";
import { sampleProcess } from "./process-readings.ts";

interface Read {
  readonly pipeline: Pick<Pipeline, "inFlight">;
  readonly crowd: Pick<Crowd, "refusals" | "served" | "servedMax">;
  readonly health?: (() => Health) | undefined;
  readonly version?: string | undefined;
}

/** Has the metrics show what a gateway knows of itself at any time; call what it returns when the gateway ends. */
export function sampleGateway(
  metrics: Metrics,
  { pipeline, crowd, health, version }: Read,
): () => void {
  const labels = { version: version ?? "", node: process.versions.node };
  metrics.sample("holdfast_build_info", () => [[labels, 1]]);
  metrics.sample("holdfast_requests_in_flight", () => [[{}, pipeline.inFlight]]);
  metrics.sample("holdfast_connections", () => [[{}, crowd.served]]);
  metrics.sample("holdfast_connections_max", () => [[{}, crowd.servedMax]]);
  metrics.sample("holdfast_connections_refused_total", () => [[{}, crowd.refusals]]);
  if (health !== undefined) {
    metrics.sample("holdfast_writable", () => [[{}, Number(health().writable)]]);
    metrics.sample("holdfast_sync_failures_total", () => [[{}, health().syncFailures]]);
  }
  return sampleProcess(metrics);
}
