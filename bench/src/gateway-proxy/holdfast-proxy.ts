import { fileURLToPath } from "node:url";
import { launch, type Server } from "../servers/server.ts";

const bin = fileURLToPath(new URL("./proxy.js", import.meta.url));
const credential = { accessKeyId: "TENANTOFTHEBENCH", secretAccessKey: "a-secret-of-a-tenant" };

interface ProxyOptions {
  readonly directory: string;
  readonly upstream: Server;
  /** Writes a processor profile here when the gateway stops. */
  readonly profile?: string | undefined;
}

/** Starts the gateway with its one bucket kept by an upstream. */
export function startHoldfastProxy({
  directory,
  upstream,
  profile,
}: ProxyOptions): Promise<Server> {
  const profiling = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const settings = {
    ...credential,
    upstreamPort: upstream.port,
    upstreamBucket: "bench",
    upstreamCredentials: upstream.credential,
  };
  const args = [...profiling, bin, directory, JSON.stringify(settings)];
  return launch({ name: "Holdfast", credential, args, port: Number });
}
