import { fileURLToPath } from "node:url";
import { launch, type Server } from "./server.ts";

const bin = fileURLToPath(new URL("../../../packages/cli/dist/bin.js", import.meta.url));
const credential = { accessKeyId: "HOLDFASTBENCH", secretAccessKey: "a-secret-of-the-bench-alone" };

function readyPort(line: string): number | undefined {
  const event: unknown = JSON.parse(line);
  if (typeof event !== "object" || event === null || !("endpoint" in event)) return undefined;
  return Number(new URL(String(event.endpoint)).port);
}

export interface HoldfastOptions {
  readonly directory: string;
  /** Writes a processor profile here when the gateway stops. */
  readonly profile?: string | undefined;
}

/** The gateway as a user starts it: the built command line on its own engine. */
export async function startHoldfast({ directory, profile }: HoldfastOptions): Promise<Server> {
  const profiling = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  return launch({
    name: "Holdfast",
    credential,
    args: [...profiling, bin, "serve", "--data", directory, "--listen", "127.0.0.1:0", "--json"],
    env: {
      HOLDFAST_ROOT_ACCESS_KEY_ID: credential.accessKeyId,
      HOLDFAST_ROOT_SECRET_ACCESS_KEY: credential.secretAccessKey,
      HOLDFAST_BUCKETS: "bench",
    },
    port: readyPort,
  });
}
