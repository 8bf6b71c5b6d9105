import { fileURLToPath } from "node:url";
import { launch, type Server } from "./server.ts";

const bin = fileURLToPath(new URL("./buffering-proxy.js", import.meta.url));

/** Puts a proxy that holds every body whole, and dawdles, before a server: every row turns red. */
export async function sabotaged(server: Server): Promise<Server> {
  const { name, credential } = server;
  const args = [bin, String(server.port)];
  const proxy = await launch({ name, credential, args, port: Number });
  return {
    ...proxy,
    pids: [...proxy.pids, ...server.pids],
    async stop() {
      await proxy.stop();
      await server.stop();
    },
  };
}
