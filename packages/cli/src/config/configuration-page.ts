import { settingRows } from "./settings.ts";

/** The page docs/reference/configuration.md, from the table of settings. */
export function configurationPage(): string {
  return `# Configuration

Each setting comes from the first of these that has it: a flag, an environment variable, the
configuration file, the default. An empty variable counts as unset. Secrets come from the environment
alone: a command line shows to every process of the machine.

The file is YAML or JSON, at most 1 MiB, and is read only when \`--config\` or \`HOLDFAST_CONFIG\` names
it. A key that is not listed here is an error. A path in the file is meant from the folder of the file.

\`\`\`yaml
data: /srv/holdfast
listen: 127.0.0.1:9000
statusProfile: documented
region: us-east-1
buckets:
  - photos
  - backups
\`\`\`

${settingRows.map(section).join("\n")}`;
}

function section(row: (typeof settingRows)[number]): string {
  const { name, flag, env, file, description, expects, commands, default: value } = row;
  const facts = [
    ["Flag", flag === undefined ? undefined : `\`--${flag} ${row.placeholder}\``],
    ["Environment", `\`${env}\``],
    ["File", file === undefined ? undefined : `\`${file}\``],
    ["Default", value === undefined ? undefined : `\`${value}\``],
    ["Must be", expects],
    ["Read by", commands.map((command) => `\`${command}\``).join(", ")],
  ];
  const lines = facts.flatMap(([label, fact]) =>
    fact === undefined ? [] : `- ${label}: ${fact}\n`,
  );
  return `## ${name}\n\n${description}\n\n${lines.join("")}`;
}
