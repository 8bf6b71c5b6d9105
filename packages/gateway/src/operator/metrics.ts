import type { Health } from "@holdfast/engine";
import type { RequestRecord } from "../options.ts";

/** What the gateway counts since its start. */
export interface Meters {
  readonly connections: number;
  readonly connectionsMax: number;
  readonly connectionsRefused: number;
  readonly refusals: Refusals;
}

/** Refused and failed requests by code and reason: both are words of ours, so that there are few. */
export class Refusals {
  readonly #counts = new Map<string, number>();

  count({ code, reason = "" }: RequestRecord): void {
    if (code === undefined) return;
    const labels = `code="${code}",reason="${reason}"`;
    this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + 1);
  }

  get lines(): readonly string[] {
    return [...this.#counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([labels, count]) => `holdfast_refusals_total{${labels}} ${count}`);
  }
}

/** In the text format that Prometheus reads. */
export function metricsText(health: Health, meters: Meters): string {
  const lines = [
    ...metric("holdfast_writable", "gauge", Number(health.writable)),
    ...metric("holdfast_sync_failures_total", "counter", health.syncFailures),
    ...metric("holdfast_connections", "gauge", meters.connections),
    ...metric("holdfast_connections_max", "gauge", meters.connectionsMax),
    ...metric("holdfast_connections_refused_total", "counter", meters.connectionsRefused),
    "# TYPE holdfast_refusals_total counter",
    ...meters.refusals.lines,
  ];
  return `${lines.join("\n")}\n`;
}

function metric(name: string, type: "counter" | "gauge", value: number): readonly string[] {
  return [`# TYPE ${name} ${type}`, `${name} ${value}`];
}
