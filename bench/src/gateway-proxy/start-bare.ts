import { fileURLToPath } from "node:url";
import { launch, type Server } from "../servers/server.ts";

/** Proxies that look at nothing, by their names: what is left of a row that they miss, too, is not Holdfast's doing. */
const bare = {
  "bare sockets": new URL("./bare-sockets.js", import.meta.url),
  "plain Node": new URL("./plain-node.js", import.meta.url),
} as const;

/** Starts one of them before an upstream. */
export function startBare(name: keyof typeof bare, { port, credential }: Server): Promise<Server> {
  return launch({
    name,
    credential,
    args: [fileURLToPath(bare[name]), String(port)],
    port: Number,
  });
}
