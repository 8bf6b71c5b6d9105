import { commandHelp } from "../help.ts";
import { labCommands } from "./lab-commands.ts";

/** The page docs/reference/lab-commands.md, from the table of commands. */
export function labCommandsPage(): string {
  return `# Commands of the lab

They break S3 on purpose, and ask who tells the truth about it. A lab serves on this machine alone unless it is told, has its
objects in memory, and takes them with it when it stops. Every one of them takes \`--json\`, and prints lines of JSON then. What is
missing or wrong is said in one sentence on stderr, with its place in the file, and the exit status is 2.

\`\`\`text
${labCommands.map(commandHelp).join("\n")}\`\`\`
`;
}
