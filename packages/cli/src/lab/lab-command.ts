import type { Given } from "../admin/argument.ts";
import type { WrittenCommand } from "../admin/command.ts";
import type { ExitStatus, Terminal } from "../terminal.ts";

/** Where a command of the lab's runs. */
export interface LabSession {
  readonly terminal: Terminal;
  /** Its output is JSON for programs. */
  readonly json: boolean;
}

/** A command that starts a lab. What runs is loaded only then: a server has no business with it. */
export interface LabCommand extends WrittenCommand {
  readonly run: (given: Given, session: LabSession) => Promise<ExitStatus>;
}
