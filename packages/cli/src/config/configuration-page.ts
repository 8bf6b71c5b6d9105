import { settingRows, type SettingRow } from "./settings.ts";

/** The page docs/reference/configuration.md, from the table of settings. */
export function configurationPage(): string {
  return `# Configuration

Each setting comes from the first of these that has it: a flag, an environment variable, the
configuration file, the default. An empty variable counts as unset. Secrets come from the environment
or from files that the configuration names: a command line shows to every process of the machine.

The file is YAML or JSON, at most 1 MiB, and is read only when \`--config\` or \`HOLDFAST_CONFIG\` names
it. A key that is not listed here is an error. A path in the file is meant from the folder of the file.

\`\`\`yaml
data: /srv/holdfast
listen: 127.0.0.1:9000
statusProfile: documented
region: us-east-1
tls:
  certificate: s3.example.com.pem
  key: s3.example.com.key
buckets:
  - photos
  - backups
adminListen: 127.0.0.1:9001
trustedProxies: [10.0.0.0/8]
limits:
  requestsPerSecond: 5000
  addressFailuresPerSecond: 1
  credentialRequestsPerSecond: 500
  credentialConcurrency: 64
audit:
  retentionDays: 365
  sizeMax: 20GiB
  reads: true
upstreams:
  ceph:
    endpoints:
      - https://ceph-1.example.com
      - https://ceph-2.example.com
    credentialFile: ceph-credential.json
    caFile: ceph-ca.pem
\`\`\`

${settingRows.map(section).join("\n")}`;
}

function section(row: SettingRow): string {
  const { name, flag, env, file, description, expects, commands, default: value } = row;
  const facts = [
    ["Flag", flag === undefined ? undefined : `\`--${flag} ${row.placeholder}\``],
    ["Environment", env === undefined ? undefined : `\`${env}\``],
    ["File", file === undefined ? undefined : `\`${file}\``],
    ["Default", value === undefined ? undefined : `\`${value}\``],
    ["Must be", expects],
    ["Read by", commands.map(reader).join(", ")],
  ];
  const lines = facts.flatMap(([label, fact]) =>
    fact === undefined ? [] : `- ${label}: ${fact}\n`,
  );
  return `## ${name}\n\n${description}\n\n${lines.join("")}${keys(row)}`;
}

/** What stands below a setting, as a table. */
function keys({ name, section: below }: SettingRow): string {
  if (below === undefined) return "";
  const prefix = below.isNamed ? `${name}.NAME` : name;
  const rows = Object.entries(below.keys).map(
    ([key, { description, expects, default: value }]) =>
      `| \`${prefix}.${key}\` | ${description} | ${expects} | ${value === undefined ? "" : `\`${value}\``} |`,
  );
  return `\n| key | is | must be | default |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

function reader(command: SettingRow["commands"][number]): string {
  return command === "admin" ? "[what asks a running server](admin-commands.md)" : `\`${command}\``;
}
