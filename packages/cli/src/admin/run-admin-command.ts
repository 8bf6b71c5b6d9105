import { printable } from "../printable.ts";
import type { ExitStatus, Terminal } from "../terminal.ts";
import { resolveSettings } from "../config/resolve.ts";
import { AdminClient } from "./admin-client.ts";
import { AdminFailure } from "./admin-refusal.ts";
import type { Given } from "./argument.ts";
import type { AdminCommand } from "./command.ts";
import { findServer } from "./find-server.ts";

interface Asked {
  readonly asked: AdminCommand;
  readonly given: Given;
  readonly flags: ReadonlyMap<string, string>;
  readonly json: boolean;
}

/** Asks the running server; what it refuses is exit 2, what it fails at exit 1. */
export async function runAdminCommand(
  { asked, given, flags, json }: Asked,
  terminal: Terminal,
): Promise<ExitStatus> {
  // What is missing or wrong is said before anybody is asked.
  for (const argument of [...asked.operands, ...asked.required]) given.required(argument);
  for (const argument of asked.options) given.optional(argument);
  const access = await findServer(await resolveSettings(flags, terminal.env));
  const api = new AdminClient(access, terminal.stop);
  try {
    const said = await asked.run(given, { api, out: terminal.out });
    if (said !== undefined) terminal.out(json ? `${JSON.stringify(said.json)}\n` : said.text);
    return 0;
  } catch (error) {
    if (!(error instanceof AdminFailure)) throw error;
    terminal.err(`holdfast: ${printable(error.message)}.\n`);
    return 1;
  }
}
