import { inspect } from "node:util";
import { parseArguments, type Invocation } from "./arguments.ts";
import { ConfigError } from "./config/config-error.ts";
import { resolveSettings } from "./config/resolve.ts";
import { descriptorFailure } from "./descriptor-failure.ts";
import { helpText } from "./help.ts";
import { packageInfo } from "./package-info.ts";
import type { ExitStatus, Terminal } from "./terminal.ts";

/** The whole command, without `process`: tests call it as it stands. */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  try {
    return await run(parseArguments(args), terminal);
  } catch (failure) {
    const error = descriptorFailure(failure) ?? failure;
    if (error instanceof ConfigError) {
      terminal.err(`holdfast: ${error.message}\n`);
      return 2;
    }
    terminal.err(`holdfast: an unexpected failure, please report it: ${inspect(error)}\n`);
    return 1;
  }
}

async function run(invocation: Invocation, terminal: Terminal): Promise<ExitStatus> {
  switch (invocation.command) {
    case "help":
      terminal.out(helpText(invocation.topic));
      return 0;
    case "version":
      terminal.out(`${packageInfo().version}\n`);
      return 0;
    case "admin": {
      const { runAdminCommand } = await import("./admin/run-admin-command.ts");
      return await runAdminCommand(invocation, terminal);
    }
    case "lab": {
      const { asked, given, json } = invocation;
      return await asked.run(given, { terminal, json });
    }
    case "serve": {
      const { serve } = await import("./commands/serve.ts");
      const settings = await resolveSettings(invocation.flags, terminal.env);
      return await serve({ settings, json: invocation.json }, terminal);
    }
    case "env": {
      const { env } = await import("./commands/env.ts");
      return await env(await resolveSettings(invocation.flags, terminal.env), terminal);
    }
    case "scrub": {
      const { scrub } = await import("./commands/scrub.ts");
      const settings = await resolveSettings(invocation.flags, terminal.env);
      return await scrub({ settings, json: invocation.json }, terminal);
    }
    case "fsck": {
      const { fsck } = await import("./commands/fsck.ts");
      const settings = await resolveSettings(invocation.flags, terminal.env);
      return await fsck({ settings, json: invocation.json }, terminal);
    }
    case "backup": {
      const { backup } = await import("./commands/backup.ts");
      const settings = await resolveSettings(invocation.flags, terminal.env);
      return await backup({ settings, json: invocation.json }, terminal);
    }
    case "doctor": {
      const { doctor } = await import("./commands/doctor.ts");
      const settings = await resolveSettings(invocation.flags, terminal.env);
      return await doctor({ settings, json: invocation.json }, terminal);
    }
  }
}
