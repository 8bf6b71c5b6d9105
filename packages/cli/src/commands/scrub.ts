import type { ExitStatus, Terminal } from "../terminal.ts";
import { reportText } from "./report-text.ts";
import { maintainDirectory, type MaintenanceOptions } from "./maintain-directory.ts";

const mebibyte = 1024 ** 2;

/** Reads and verifies all that a data directory holds, by its server when one runs; 1 when something is damaged. */
export async function scrub(options: MaintenanceOptions, terminal: Terminal): Promise<ExitStatus> {
  const { scrubRate } = options.settings;
  const speed = scrubRate === 0 ? {} : { bytesPerSecond: scrubRate * mebibyte };
  const report = await maintainDirectory(options, terminal, {
    request: { command: "scrub", ...speed },
    run: (engine) => engine.scrub({ ...speed, signal: terminal.stop }),
  });
  terminal.out(
    options.json ? `${JSON.stringify({ event: "scrub", ...report })}\n` : reportText(report),
  );
  return report.damaged === 0 ? 0 : 1;
}
