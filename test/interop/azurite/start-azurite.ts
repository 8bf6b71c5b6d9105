import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { endWithUs } from "../end-with-us.ts";

const directory = fileURLToPath(new URL(".", import.meta.url));
const program = `${directory}node_modules/azurite/dist/src/blob/main.js`;

/** The account that Azurite has, and the key that everybody knows. */
export const account = {
  name: "devstoreaccount1",
  key: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
};

/** Azurite in a process of its own, on a port of loopback, with everything in its memory. */
export interface Azurite {
  readonly url: string;
  stop(): Promise<void>;
}

/** Installs Azurite where it is missing; says why if that cannot be done. */
export function installAzurite(): string | undefined {
  if (existsSync(program)) return undefined;
  process.stdout.write("interop: npm ci --prefix test/interop/azurite\n");
  const command = ["ci", "--prefix", directory, "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status, stderr, error } = spawnSync("npm", command, { encoding: "utf8" });
  if (status === 0) return undefined;
  return `Azurite could not be installed: ${error?.message ?? stderr}`;
}

/** Starts it, and resolves when it listens. */
export async function startAzurite(): Promise<Azurite> {
  const flags = [
    "--inMemoryPersistence",
    "--skipApiVersionCheck",
    "--disableTelemetry",
    "--silent",
  ];
  const child = endWithUs(
    spawn(process.execPath, [program, ...flags, "--blobHost", "127.0.0.1", "--blobPort", "0"], {
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for await (const line of createInterface(child.stdout)) {
    const [url] = /http:\/\/\S+/.exec(line) ?? [];
    if (url === undefined) continue;
    child.stdout.resume();
    const stop = (): Promise<void> => {
      child.kill();
      return ended;
    };
    return { url: `${url}/${account.name}`, stop };
  }
  throw new Error("Azurite ended before it listened");
}
