import { parseArgs } from "node:util";
import { didYouMean } from "@holdfast/protocol";
import { ConfigError } from "./config/config-error.ts";
import { settingRows, type CommandName } from "./config/settings.ts";
import { commandNames, jsonCommands } from "./help.ts";

export type Invocation =
  | { readonly command: "help" | "version" }
  | {
      readonly command: CommandName;
      readonly flags: ReadonlyMap<string, string>;
      readonly json: boolean;
    };

const switches = ["json", "help", "version"];
const seeHelp = "see holdfast --help";

/** Reads a command line; throws a `ConfigError` for whatever it does not know. The last of a repeated flag counts. */
export function parseArguments(args: readonly string[]): Invocation {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries([
      ...settingRows.flatMap(({ flag }) =>
        flag === undefined ? [] : [[flag, { type: "string" as const }] as const],
      ),
      ["json", { type: "boolean" as const }],
      ["help", { type: "boolean" as const, short: "h" }],
      ["version", { type: "boolean" as const, short: "v" }],
    ]),
  });
  const options = tokens.filter((token) => token.kind === "option");
  if (options.some(({ name }) => name === "help")) return { command: "help" };
  if (options.some(({ name }) => name === "version")) return { command: "version" };
  const positionals = tokens.filter((token) => token.kind === "positional");
  const [name, extra] = positionals.map(({ value }) => value);
  const command = commandOf(name);
  const flags = new Map<string, string>();
  let json = false;
  for (const option of options) {
    const value = checkedValue(command, option);
    if (value === undefined) json = true;
    else flags.set(option.name, value);
  }
  if (extra !== undefined) {
    throw new ConfigError(
      `${command} takes no ${JSON.stringify(extra)}`,
      `a value belongs to an option, as in --data DIR; ${seeHelp}`,
    );
  }
  return { command, flags, json };
}

function commandOf(name: string | undefined): CommandName {
  if (name === undefined) {
    throw new ConfigError(
      "A command is missing",
      `give one of ${commandNames.join(", ")}, or ${seeHelp}`,
    );
  }
  const command = commandNames.find((known) => known === name);
  if (command === undefined) {
    throw new ConfigError(
      `${JSON.stringify(name)} is not a command`,
      `${didYouMean(name, commandNames)}${seeHelp}`,
    );
  }
  return command;
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

/** A setting's value, or nothing for a switch. */
function checkedValue(command: CommandName, token: OptionToken): string | undefined {
  const { name, rawName, value, inlineValue } = token;
  const known = [
    ...settingRows.flatMap((row) => (row.commands.includes(command) ? (row.flag ?? []) : [])),
    ...(jsonCommands.includes(command) ? switches : switches.slice(1)),
  ];
  if (!known.includes(name)) {
    const near = didYouMean(
      rawName,
      known.map((flag) => `--${flag}`),
    );
    throw new ConfigError(
      `${command} has no option ${JSON.stringify(rawName)}`,
      `${near}${seeHelp}`,
    );
  }
  if (switches.includes(name)) {
    if (value === undefined) return undefined;
    throw new ConfigError(`${rawName} takes no value`, `write ${rawName} alone`);
  }
  if (value === undefined || (inlineValue !== true && value.startsWith("-"))) {
    throw new ConfigError(`${rawName} needs a value`, `write ${rawName}=VALUE`);
  }
  return value;
}
