import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the peers live: apart, so that an install of the workspace leaves them out. */
export const peersDirectory = fileURLToPath(new URL("../../../peers/", import.meta.url));

/** Whether every peer is there; an install of an older list lacks some. */
function areInstalled(): boolean {
  const manifest: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(`${peersDirectory}package.json`, "utf8"),
  );
  const names = Object.keys(manifest.dependencies);
  return names.every((name) => existsSync(`${peersDirectory}node_modules/${name}/package.json`));
}

/** Installs the peers where they are missing; says why if that cannot be done. */
export function installPeers(): string | undefined {
  if (areInstalled()) return undefined;
  process.stderr.write("Installing the peers: npm ci --prefix peers\n");
  const command = ["ci", "--prefix", peersDirectory, "--no-audit", "--no-fund"];
  const { status, stderr, error } = spawnSync("npm", command, { encoding: "utf8" });
  if (status === 0) return undefined;
  return `The peers could not be installed: ${error?.message ?? stderr}`;
}
