import { resolve } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import { endpointOf } from "../config/listen.ts";
import { settings as table, type Settings } from "../config/settings.ts";
import { readRootCredential, type RootCredential } from "../credentials/root-credential.ts";
import { runningServer, type RunningServer } from "../endpoint-file.ts";
import type { ExitStatus, Terminal } from "../terminal.ts";
import { awsVariables, exportLines, misleadingVariables } from "./welcome.ts";

/** Prints what a shell must evaluate so that AWS tools reach the server of this data directory. */
export async function env(settings: Settings, terminal: Terminal): Promise<ExitStatus> {
  const directory = resolve(settings.data);
  const running = await runningServer(directory);
  const credential = await credentialFor(settings, directory, running);
  const served = running ?? configured(settings, terminal);
  const left = misleadingVariables(served.endpoint).filter(
    (name) => terminal.env[name] !== undefined,
  );
  const unset = left.length === 0 ? "" : `unset ${left.join(" ")}\n`;
  terminal.out(unset + exportLines(awsVariables(served, credential)));
  return 0;
}

async function credentialFor(
  settings: Settings,
  directory: string,
  running: RunningServer | undefined,
): Promise<RootCredential> {
  const { rootAccessKeyId: accessKeyId, rootSecretAccessKey: secretAccessKey } = settings;
  const known =
    accessKeyId !== undefined && secretAccessKey !== undefined
      ? { accessKeyId, secretAccessKey }
      : await readRootCredential(directory);
  if (running !== undefined && running.accessKeyId !== known?.accessKeyId) {
    throw new ConfigError(
      `The server at ${running.endpoint} uses the access key ${running.accessKeyId}, whose secret is not in ${directory}`,
      `set ${table.rootAccessKeyId.env} and ${table.rootSecretAccessKey.env} here as they are set for it`,
    );
  }
  if (known !== undefined) return known;
  throw new ConfigError(
    `${directory} has no root credential yet`,
    "run holdfast serve on it first, or name the right data directory with --data",
  );
}

function configured(
  { listen, region, data, tls, tlsCertificate = tls.certificate }: Settings,
  { err }: Terminal,
): Pick<RunningServer, "endpoint" | "region"> {
  if (listen.port === 0) {
    throw new ConfigError(
      `No server runs on ${data}, and port 0 does not say where one will be`,
      "start it first, or name its address with --listen",
    );
  }
  const endpoint = endpointOf(listen, tlsCertificate !== undefined);
  err(`holdfast: no server runs on ${data} now; using the configured address ${endpoint}.\n`);
  return { endpoint, region };
}
