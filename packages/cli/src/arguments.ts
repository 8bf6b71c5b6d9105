import { parseArgs } from "node:util";
import { didYouMean } from "@holdfast/protocol";
import { Given } from "./admin/argument.ts";
import { usageOf, type AdminCommand, type WrittenCommand } from "./admin/command.ts";
import { adminCommands } from "./admin/commands.ts";
import { ConfigError } from "./config/config-error.ts";
import type { CommandName } from "./config/setting.ts";
import { settingRows } from "./config/settings.ts";
import { commandNames, jsonCommands } from "./help.ts";
import type { LabCommand } from "./lab/lab-command.ts";
import { labCommands } from "./lab/lab-commands.ts";

/** One of the commands that work on a data directory or a configuration. */
interface ServerInvocation {
  readonly command: CommandName;
  readonly flags: ReadonlyMap<string, string>;
  readonly json: boolean;
}

/** One of those that ask a running server. */
interface AdminInvocation {
  readonly command: "admin";
  readonly asked: AdminCommand;
  readonly given: Given;
  readonly flags: ReadonlyMap<string, string>;
  readonly json: boolean;
}

/** One of those that break S3 on purpose, or ask who tells the truth about it. */
interface LabInvocation {
  readonly command: "lab";
  readonly asked: LabCommand;
  readonly given: Given;
  readonly json: boolean;
}

export type Invocation =
  | { readonly command: "version" }
  /** `topic` is a command, or the first word of some; without it the help is of all. */
  | { readonly command: "help"; readonly topic?: string }
  | ServerInvocation
  | AdminInvocation
  | LabInvocation;

const twoWordCommands: readonly WrittenCommand[] = [...adminCommands, ...labCommands];

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
      ...valueFlags().map((flag) => [flag, { type: "string" as const }] as const),
      ["json", { type: "boolean" as const }],
      ["help", { type: "boolean" as const, short: "h" }],
      ["version", { type: "boolean" as const, short: "v" }],
    ]),
  });
  const options = tokens.filter((token) => token.kind === "option");
  const words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  if (options.some(({ name }) => name === "help")) return helpOn(words);
  if (options.some(({ name }) => name === "version")) return { command: "version" };
  const [first] = words;
  refuseUnknownVerb(words);
  const both = words.slice(0, 2).join(" ");
  const admin = adminCommands.find(({ name }) => name === both);
  if (admin !== undefined) return adminInvocation(admin, words.slice(2), options);
  const lab = labCommands.find(({ name }) => name === both);
  if (lab !== undefined) return labInvocation(lab, words.slice(2), options);
  const command = commandOf(first);
  const grammar = { command, flags: settingFlags(command), json: jsonCommands.includes(command) };
  const { flags, json } = readOptions(grammar, options);
  const [, extra] = words;
  if (extra !== undefined) {
    throw new ConfigError(
      `${command} takes no ${JSON.stringify(extra)}`,
      `a value belongs to an option, as in --data DIR; ${seeHelp}`,
    );
  }
  return { command, flags, json };
}

/** Every option of any command that takes a value: a parser has to know before it knows the command. */
function valueFlags(): readonly string[] {
  const own = twoWordCommands.flatMap(({ required, options }) => [...required, ...options]);
  return [
    ...settingRows.flatMap(({ flag }) => flag ?? []),
    ...own.map(({ name }) => name.replace(/^--/, "")),
  ];
}

function settingFlags(command: CommandName | "admin"): readonly string[] {
  return settingRows.flatMap((row) => (row.commands.includes(command) ? (row.flag ?? []) : []));
}

function helpOn(words: readonly string[]): Invocation {
  const [first = ""] = words;
  const both = words.slice(0, 2).join(" ");
  if (twoWordCommands.some(({ name }) => name === both)) return { command: "help", topic: both };
  const isGroup = twoWordCommands.some(({ name }) => name.startsWith(`${first} `));
  return isGroup ? { command: "help", topic: first } : { command: "help" };
}

/** Throws a `ConfigError` when the first word begins commands of two words and the second is none of theirs. */
function refuseUnknownVerb([first = "", second]: readonly string[]): void {
  const group = twoWordCommands.filter(({ name }) => name.split(" ", 1)[0] === first);
  const verbs = group.map(({ name }) => name.slice(first.length + 1));
  if (verbs.length === 0 || verbs.some((verb) => verb === second)) return;
  if (second === undefined) {
    throw new ConfigError(`${first} says not what to do`, `give one of ${verbs.join(", ")}`);
  }
  throw new ConfigError(
    `${JSON.stringify(`${first} ${second}`)} is not a command`,
    `${didYouMean(second, verbs)}${first} takes ${verbs.join(", ")}`,
  );
}

function adminInvocation(
  asked: AdminCommand,
  words: readonly string[],
  tokens: readonly OptionToken[],
): AdminInvocation {
  const read = readWritten(asked, words, { tokens, settings: settingFlags("admin") });
  return { command: "admin", asked, ...read };
}

function labInvocation(
  asked: LabCommand,
  words: readonly string[],
  tokens: readonly OptionToken[],
): LabInvocation {
  const { given, json } = readWritten(asked, words, { tokens, settings: [] });
  return { command: "lab", asked, given, json };
}

interface Written {
  readonly given: Given;
  readonly flags: ReadonlyMap<string, string>;
  readonly json: boolean;
}

/** What a command of two words was given; `words` are those behind the two. */
function readWritten(
  asked: WrittenCommand,
  words: readonly string[],
  {
    tokens,
    settings,
  }: { readonly tokens: readonly OptionToken[]; readonly settings: readonly string[] },
): Written {
  const own = [...asked.required, ...asked.options].map(({ name }) => name.slice(2));
  const grammar = { command: asked.name, flags: [...settings, ...own], json: true };
  const { flags, json } = readOptions(grammar, tokens);
  const rest = words.slice(asked.operands.length);
  if (rest[0] !== undefined && asked.rest === undefined) {
    throw new ConfigError(
      `${asked.name} takes no ${JSON.stringify(rest[0])}`,
      `write ${usageOf(asked)}`,
    );
  }
  const texts = new Map([
    ...asked.operands.flatMap(({ name }, index) => {
      const word = words[index];
      return word === undefined ? [] : [[name, word] as const];
    }),
    ...own.flatMap((name) => {
      const value = flags.get(name);
      return value === undefined ? [] : [[`--${name}`, value] as const];
    }),
  ]);
  return { given: new Given({ texts, rest }, usageOf(asked)), flags, json };
}

function commandOf(name: string | undefined): CommandName {
  const groups = new Set(twoWordCommands.map((command) => command.name.split(" ", 1).join("")));
  const known = [...commandNames, ...groups];
  if (name === undefined) {
    throw new ConfigError("A command is missing", `give one of ${known.join(", ")}, or ${seeHelp}`);
  }
  const command = commandNames.find((one) => one === name);
  if (command === undefined) {
    throw new ConfigError(
      `${JSON.stringify(name)} is not a command`,
      `${didYouMean(name, known)}${seeHelp}`,
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

interface Grammar {
  readonly command: string;
  /** Those that take a value. */
  readonly flags: readonly string[];
  /** Whether its output can be JSON. */
  readonly json: boolean;
}

function readOptions(
  grammar: Grammar,
  tokens: readonly OptionToken[],
): { readonly flags: ReadonlyMap<string, string>; readonly json: boolean } {
  const flags = new Map<string, string>();
  let json = false;
  for (const token of tokens) {
    const value = checkedValue(grammar, token);
    if (value === undefined) json = true;
    else flags.set(token.name, value);
  }
  return { flags, json };
}

/** An option's value, or nothing for a switch. */
function checkedValue(grammar: Grammar, token: OptionToken): string | undefined {
  const { name, rawName, value, inlineValue } = token;
  const known = [...grammar.flags, ...(grammar.json ? switches : switches.slice(1))];
  if (!known.includes(name)) {
    const near = didYouMean(
      rawName,
      known.map((flag) => `--${flag}`),
    );
    throw new ConfigError(
      `${grammar.command} has no option ${JSON.stringify(rawName)}`,
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
