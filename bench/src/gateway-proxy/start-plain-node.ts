import { fileURLToPath } from "node:url";
import { launch, type Server } from "../servers/server.ts";

const bin = fileURLToPath(new URL("./plain-node.js", import.meta.url));

/** Starts a proxy of Node's own HTTP and nothing else: what is left of a row that it misses, too, is not Holdfast's doing. */
export function startPlainNode({ port, credential }: Server): Promise<Server> {
  return launch({ name: "plain Node", credential, args: [bin, String(port)], port: Number });
}
