import { settingRows, type CommandName } from "./config/settings.ts";

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

/** Commands whose output can be JSON. */
export const jsonCommands: readonly CommandName[] = ["serve", "doctor", "scrub", "fsck", "backup"];

/** What `holdfast --help` prints. */
export function helpText(): string {
  const commands = commandNames.map((name) => `  ${name.padEnd(8)}${summaries[name]}\n`);
  const options = settingRows.flatMap(({ flag, env, placeholder, description, ...row }) =>
    flag === undefined
      ? []
      : [
          `  --${flag} ${placeholder}  (${row.commands.join(", ")})\n${indented(description)}      ${env}${
            row.default === undefined ? "" : `, ${row.default} unless told`
          }\n`,
        ],
  );
  const variables = settingRows.flatMap(({ flag, env, description }) =>
    flag === undefined ? [`  ${env}\n${indented(description)}`] : [],
  );
  return `Object storage that never lies about failure.

Usage: holdfast COMMAND [OPTION]...

Commands:
${commands.join("")}
Options, each with its environment variable and default:
${options.join("")}  --json  (${jsonCommands.join(", ")})
${indented("Prints JSON for programs: one line for each event.")}  --help, --version

Environment only:
${variables.join("")}
A flag wins over the environment, the environment over the file, the file over the default.
Exit status: 0 done; 1 a check or the server failed, or data is damaged; 2 something must be changed first.
`;
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
