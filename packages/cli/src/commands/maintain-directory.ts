import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { OpenEngine, ScrubReport } from "@holdfast/engine";
import { S3Error } from "@holdfast/protocol";
import { ConfigError } from "../config/config-error.ts";
import type { Settings } from "../config/settings.ts";
import { askServer, type ControlAnswer } from "../control/ask-server.ts";
import type { ControlRequest } from "../control/protocol.ts";
import { errorCode } from "../error-code.ts";
import type { Terminal } from "../terminal.ts";
import { openFailure } from "./open-failure.ts";

export interface MaintenanceOptions {
  readonly settings: Settings;
  readonly json: boolean;
}

interface Task {
  /** What to ask of the server that has the directory open. */
  readonly request: ControlRequest;
  /** The same on an engine of our own. */
  readonly run: (engine: OpenEngine) => Promise<ScrubReport>;
}

/** Has a task done on a data directory: by the server that runs on it, or here when none does. */
export async function maintainDirectory(
  { settings }: MaintenanceOptions,
  { stop }: Terminal,
  { request, run }: Task,
): Promise<ScrubReport> {
  const directory = resolve(settings.data);
  const answer = await askServer(directory, request, stop);
  if (answer !== undefined) return reportOf(answer);
  if (!existsSync(join(directory, "FORMAT"))) {
    throw new ConfigError(`${directory} holds no data`, "name the right directory with --data");
  }
  const { openEngine } = await import("@holdfast/engine");
  const engine = await openEngine({ directory }).catch((cause: unknown) => {
    throw openFailure(cause, directory);
  });
  try {
    return await run(engine);
  } catch (error) {
    throw failure(S3Error.is(error) ? error.reason : undefined, errorCode(error), error);
  } finally {
    await engine.close();
  }
}

function reportOf(answer: ControlAnswer): ScrubReport {
  if ("report" in answer) return answer.report;
  const { code, errno } = answer.error;
  throw failure(code, errno, undefined);
}

/** By the engine's reason or the errno: what is wrong, and what to do. */
const known = new Map<string, readonly [problem: string, mend: string]>([
  [
    "backup_inside_data",
    ["The copy would lie within the directory itself", "name another with --to"],
  ],
  ["backup_target_exists", ["The copy's directory exists already", "name another with --to"]],
  [
    "engine_closed",
    ["The server stopped before it was done", "start it again, or run this without"],
  ],
  ["SERVER_LEFT", ["The server went away before it was done", "see its log, and run this again"]],
  ["STOPPED", ["It was stopped before it was done", "run it again; nothing is left of it"]],
  ["ENOSPC", ["The disk is full", "free space, or name another with --to"]],
  [
    "EACCES",
    ["The disk refused it (EACCES)", "change the owner of what lies above, or name another"],
  ],
  ["ENOTDIR", ["What the copy would lie in is no directory", "name another with --to"]],
  ["EROFS", ["The disk cannot be written (EROFS)", "name another with --to"]],
]);

function failure(reason: string | undefined, errno: string | undefined, cause: unknown): unknown {
  const [problem, mend] = known.get(reason ?? "") ?? known.get(errno ?? "") ?? [];
  if (problem !== undefined && mend !== undefined) return new ConfigError(problem, mend, { cause });
  return (
    cause ??
    new ConfigError(
      `The server could not do it (${errno ?? reason ?? "unknown"})`,
      "its log says why; holdfast doctor checks the disk",
    )
  );
}
