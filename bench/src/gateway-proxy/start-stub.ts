import { fileURLToPath } from "node:url";
import { launch, type Server } from "../servers/server.ts";

const bin = fileURLToPath(new URL("./stub.js", import.meta.url));

/** What no request is verified with. */
const anyCredential = { accessKeyId: "STUBSTUBSTUBSTUBSTUB", secretAccessKey: "stub" };

/** Starts the fastest upstream there can be on Node: answers from memory, with nothing verified. */
export function startStub(): Promise<Server> {
  return launch({ name: "direct", credential: anyCredential, args: [bin], port: Number });
}
