import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the peers live: apart, so that an install of the workspace leaves them out. */
export const peersDirectory = fileURLToPath(new URL("../../../peers/", import.meta.url));

/** Installs the peers where they are missing; says why if that cannot be done. */
export function installPeers(): string | undefined {
  if (existsSync(`${peersDirectory}node_modules`)) return undefined;
  process.stderr.write("Installing the peers: npm ci --prefix peers\n");
  const command = ["ci", "--prefix", peersDirectory, "--no-audit", "--no-fund"];
  const { status, stderr, error } = spawnSync("npm", command, { encoding: "utf8" });
  if (status === 0) return undefined;
  return `The peers could not be installed: ${error?.message ?? stderr}`;
}
