import { commandHelp } from "../help.ts";
import { adminCommands } from "./commands.ts";

/** The page docs/reference/admin-commands.md, from the table of commands. */
export function adminCommandsPage(): string {
  const groups = new Map<string, string[]>();
  for (const command of adminCommands) {
    const [group = ""] = command.name.split(" ", 1);
    const texts = groups.get(group) ?? [];
    texts.push(commandHelp(command));
    groups.set(group, texts);
  }
  const sections = [...groups].map(
    ([group, texts]) => `## ${group}\n\n\`\`\`text\n${texts.join("\n")}\`\`\`\n`,
  );
  return `# Commands that ask a running server

They are clients of the [admin API](admin-api.md). The server is that of the data directory, named by \`--data\` as for
\`serve\`, or the one at \`--admin URL\` with the token in \`--token-file FILE\`. Every one of them takes \`--json\`, and prints the
API's answer in one line then.

A size has its unit, \`8GiB\` or \`500MB\`; a duration is \`30d\`, \`12h\`, \`45m\`, \`90s\` or \`2w\`. What is missing or wrong is said
in one sentence on stderr before a server is asked, and the exit status is 2; so is what the server refuses. What it fails
at is exit status 1.

${sections.join("\n")}`;
}
