import { once } from "node:events";
import { createServer } from "node:net";

/** A port of loopback that nobody listened on a moment ago, for a server that has to be told one. */
export async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  listener.close();
  await once(listener, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
