import { resolve } from "node:path";
import type { FsckReport, RecoveryReport } from "@holdfast/engine";
import { ConfigError } from "../config/config-error.ts";
import { printable } from "../printable.ts";
import type { ExitStatus, Terminal } from "../terminal.ts";
import type { MaintenanceOptions } from "./maintain-directory.ts";
import { openFailure } from "./open-failure.ts";
import { recoveryText } from "./recovery-text.ts";
import { findingText, reportText } from "./report-text.ts";

/** Says what a start and a scrub would find in a data directory, and changes nothing; 1 when something is damaged. */
export async function fsck(
  { settings, json }: MaintenanceOptions,
  { out, stop }: Terminal,
): Promise<ExitStatus> {
  const directory = resolve(settings.data);
  const engine = await import("@holdfast/engine");
  const report = await engine.fsck({ directory, signal: stop }).catch((cause: unknown) => {
    if (stop.aborted) throw new ConfigError("It was stopped before it was done", "run it again");
    throw openFailure(cause, directory);
  });
  const healthy = report.opens && report.scrub.damaged === 0;
  out(json ? `${JSON.stringify({ event: "fsck", healthy, ...report })}\n` : fsckText(report));
  return healthy ? 0 : 1;
}

function fsckText(report: FsckReport): string {
  if (report.opens) return startText(report.recovery) + reportText(report.scrub);
  const { message, log, index } = report;
  const lines = [`damaged   it would not be opened: ${message}\n`, ...index.map(findingText)];
  if (log !== undefined) {
    lines.push(
      `lost      if the log were cut at byte ${log.offset} of ${log.file}: what is unreadable there, and ${log.commitsBehind} acknowledged commits behind it\n`,
      ...log.recordsBehind.map((record) => `          ${printable(record)}\n`),
    );
  }
  return `${lines.join("")}serve a copy that holdfast backup made, or keep this one for whoever can mend it; nothing was changed\n`;
}

function startText(recovery: RecoveryReport): string {
  const text = recoveryText(recovery);
  return text === "" ? "" : `at start  ${text}\n`;
}
