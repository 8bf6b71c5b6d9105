import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import { settings as table } from "../config/settings.ts";
import { backUp } from "../control/back-up.ts";
import type { ExitStatus, Terminal } from "../terminal.ts";
import { maintainDirectory, type MaintenanceOptions } from "./maintain-directory.ts";
import { reportText } from "./report-text.ts";

/** Copies a data directory as it is now, by its server when one runs; 1 when what was copied is damaged. */
export async function backup(options: MaintenanceOptions, terminal: Terminal): Promise<ExitStatus> {
  const to = target(options.settings.to);
  const report = await maintainDirectory(options, terminal, {
    request: { command: "backup", to },
    run: (engine) =>
      backUp({
        tasks: engine,
        directory: resolve(options.settings.data),
        to,
        signal: terminal.stop,
      }),
  });
  terminal.out(
    options.json
      ? `${JSON.stringify({ event: "backup", to, ...report })}\n`
      : `${reportText(report)}the copy is ${to}\n`,
  );
  return report.damaged === 0 ? 0 : 1;
}

function target(to: string | undefined): string {
  if (to === undefined) {
    throw new ConfigError("backup needs a directory to make", `name one with --${table.to.flag}`);
  }
  const path = resolve(to);
  if (existsSync(path)) {
    throw new ConfigError(
      `${path} exists already`,
      "name another with --to; a backup makes its own",
    );
  }
  if (!existsSync(dirname(path))) {
    throw new ConfigError(
      `${dirname(path)} does not exist`,
      "make it first, or name another with --to",
    );
  }
  return path;
}
