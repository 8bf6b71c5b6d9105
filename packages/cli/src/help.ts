import { usageOf, type WrittenCommand } from "./admin/command.ts";
import { adminCommands } from "./admin/commands.ts";
import type { CommandName } from "./config/setting.ts";
import { settingRows } from "./config/settings.ts";
import { labCommands } from "./lab/lab-commands.ts";

const summaries: Readonly<Record<CommandName, string>> = {
  serve: "Serves the data directory over S3 until it is told to stop.",
  env: 'Prints what AWS tools read: eval "$(holdfast env)".',
  doctor: "Checks this machine and says how to mend what is wrong.",
  scrub: "Reads and verifies all that is stored; moves damaged files aside.",
  fsck: "Says what a start and a scrub would find in a directory, changing nothing.",
  backup: "Copies a data directory as it is now, also while it is served.",
};

export const commandNames = [
  "serve",
  "env",
  "doctor",
  "scrub",
  "fsck",
  "backup",
] as const satisfies readonly CommandName[];

/** Commands whose output can be JSON, beside all that ask a running server. */
export const jsonCommands: readonly CommandName[] = ["serve", "doctor", "scrub", "fsck", "backup"];

/** What `holdfast --help` prints, or with a topic before it: a command of two words, or the first word of some. */
export function helpText(topic?: string): string {
  return topic === undefined ? wholeHelp() : topicHelp(topic);
}

function wholeHelp(): string {
  const commands = commandNames.map((name) => `  ${name.padEnd(8)}${summaries[name]}\n`);
  const options = settingRows.flatMap(({ flag, env, placeholder, description, ...row }) =>
    flag === undefined
      ? []
      : [
          `  --${flag} ${placeholder}  (${row.commands.map(readerText).join(", ")})\n${indented(description)}      ${env}${
            row.default === undefined ? "" : `, ${row.default} unless told`
          }\n`,
        ],
  );
  const variables = settingRows.flatMap(({ flag, env, description }) =>
    flag === undefined && env !== undefined ? [`  ${env}\n${indented(description)}`] : [],
  );
  const files = settingRows.flatMap(({ env, file, description }) =>
    env === undefined ? [`  ${file}\n${indented(description)}`] : [],
  );
  return `Object storage that never lies about failure.

Usage: holdfast COMMAND [OPTION]...

Commands:
${commands.join("")}
Commands that ask a running server; each has a --help of its own:
${summaryLines(adminCommands)}
Commands that break S3 on purpose, and ask who tells the truth about it; each has a --help of its own:
${summaryLines(labCommands)}
Options, each with its environment variable and default:
${options.join("")}  --json  (${jsonCommands.join(", ")}, what asks a server, lab, probe)
${indented("Prints JSON for programs: one line for each event.")}  --help, --version

Environment only:
${variables.join("")}
Configuration file only:
${files.join("")}
A flag wins over the environment, the environment over the file, the file over the default.
Exit status: 0 done; 1 a check or the server failed, or data is damaged; 2 something must be changed first.
`;
}

function readerText(command: CommandName | "admin"): string {
  return command === "admin" ? "what asks a server" : command;
}

function summaryLines(commands: readonly WrittenCommand[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  return commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}\n`).join("");
}

function topicHelp(topic: string): string {
  const admin = onTopic(topic, adminCommands);
  if (admin.length === 0) {
    return `${onTopic(topic, labCommands).map(commandHelp).join("\n")}
Each takes --json for programs.
`;
  }
  return `${admin.map(commandHelp).join("\n")}
Each takes --data DIR or --admin URL with --token-file FILE to say which server, and --json for programs.
`;
}

function onTopic(topic: string, commands: readonly WrittenCommand[]): readonly WrittenCommand[] {
  const exact = commands.filter(({ name }) => name === topic);
  return exact.length > 0 ? exact : commands.filter(({ name }) => name.startsWith(`${topic} `));
}

/** One command of two words: how it is written, what it does and what it takes. */
export function commandHelp(command: WrittenCommand): string {
  const { summary, operands, rest, required, options, example } = command;
  const placed = [...operands, ...(rest === undefined ? [] : [rest])];
  const named = [...required, ...options];
  const lines = [
    ...placed.map(({ name, description }) => `  ${name}\n${indented(description)}`),
    ...named.map(
      ({ name, placeholder, description }) => `  ${name} ${placeholder}\n${indented(description)}`,
    ),
  ];
  return `${usageOf(command)}\n${indented(summary)}${lines.join("")}  For example\n      holdfast ${example}\n`;
}

function indented(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last.length + word.length > 88) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.map((line) => `      ${line}\n`).join("");
}
