import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that systems give to whoever asks for any, so that nobody comes by one of them meanwhile. */
const [lowest, highest] = [11_000, 32_000];

/** A port of loopback that nobody listened on a moment ago, for a server that has to be told one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const listener = createServer().listen(port, "127.0.0.1");
  const isListening = await new Promise<boolean>((resolve) => {
    listener.once("listening", () => resolve(true)).once("error", () => resolve(false));
  });
  if (!isListening) return false;
  listener.close();
  await once(listener, "close");
  return true;
}
