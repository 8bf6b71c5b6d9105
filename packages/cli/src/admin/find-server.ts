import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import { settings as settingTable, type Settings } from "../config/settings.ts";
import { adminTokenPath, readAdminToken } from "../credentials/admin-token.ts";
import { errorCode } from "../error-code.ts";
import { runningServer } from "../endpoint-file.ts";
import type { AdminAccess } from "./admin-client.ts";

/** Where the server to ask is, and its token: as the settings name them, or as its data directory says. */
export async function findServer(settings: Settings): Promise<AdminAccess> {
  const { data, admin, tokenFile, caFile } = settings;
  const directory = resolve(data);
  const endpoint = admin ?? (await runningServer(directory))?.adminEndpoint;
  if (endpoint === undefined) {
    throw new ConfigError(
      `No server runs on ${directory}`,
      "start it with holdfast serve, or name the right one with --data or --admin",
    );
  }
  const token =
    tokenFile === undefined
      ? await readAdminToken(directory)
      : (await read(tokenFile, settingTable.tokenFile)).trim();
  const ca = caFile === undefined ? undefined : await read(caFile, settingTable.caFile);
  if (token !== undefined) return { endpoint, token, ca };
  throw new ConfigError(
    `${adminTokenPath(directory)} is not there`,
    "name the file with the server's token by --token-file",
  );
}

async function read(path: string, { flag }: { readonly flag: string }): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new ConfigError(
      `The ${flag.replace("-", " ")} ${path} cannot be read (${errorCode(cause) ?? "unknown"})`,
      `name one that can with --${flag}`,
      { cause },
    );
  }
}
