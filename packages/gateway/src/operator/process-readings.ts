import { monitorEventLoopDelay } from "node:perf_hooks";
import { descriptorsMax, descriptorsOpen } from "../http/descriptors.ts";
import type { Metrics } from "./metrics.ts";

/** How often the event loop is asked to be punctual. */
const resolutionMs = 20;
const nanoseconds = 1e9;

/** Has the metrics show what a process is said to use, under the names that dashboards know. */
export function sampleProcess(metrics: Metrics): () => void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  metrics.sample("holdfast_event_loop_delay_seconds", () => {
    const readings = [
      [{ quantile: "0.5" }, late(delays.percentile(50))],
      [{ quantile: "0.99" }, late(delays.percentile(99))],
      [{ quantile: "1" }, late(delays.max)],
    ] as const;
    delays.reset();
    return readings;
  });
  metrics.sample("process_cpu_seconds_total", () => {
    const { user, system } = process.cpuUsage();
    return [[{}, (user + system) / 1e6]];
  });
  metrics.sample("process_resident_memory_bytes", () => [[{}, process.memoryUsage.rss()]]);
  const startedAt = Date.now() / 1000 - process.uptime();
  metrics.sample("process_start_time_seconds", () => [[{}, startedAt]]);
  metrics.sample("process_open_fds", () => [[{}, descriptorsOpen()]]);
  metrics.sample("process_max_fds", () => [[{}, descriptorsMax()]]);
  return () => delays.disable();
}

/** In seconds, of a pause that should have been as long as the resolution, in nanoseconds. */
function late(measured: number): number {
  return Math.max(0, measured / nanoseconds - resolutionMs / 1000);
}
