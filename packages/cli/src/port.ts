import { once } from "node:events";
import { createServer } from "node:net";
import { ConfigError } from "./config/config-error.ts";
import { formatListen, type Listen } from "./config/listen.ts";
import { errorCode } from "./error-code.ts";

/** Rejects as `listenFailure` says when the address cannot be served on now. Leaves it free. */
export async function assertCanListen(listen: Listen, flag: string): Promise<void> {
  const server = createServer();
  try {
    server.listen(listen.port, listen.host);
    await once(server, "listening");
  } catch (cause) {
    throw listenFailure(cause, listen, flag);
  } finally {
    server.close();
  }
}

/** What an operator can do about a failed listen; any other failure comes back as it is. */
export function listenFailure(cause: unknown, listen: Listen, flag: string): unknown {
  const address = formatListen(listen);
  const code = errorCode(cause);
  switch (code) {
    case "EADDRINUSE":
      return new ConfigError(
        `${address} is in use by another process`,
        `stop that one, or choose another port with ${flag} (port 0 takes a free one)`,
        { cause },
      );
    case "EACCES":
      return new ConfigError(
        `${address} may not be listened on by this user`,
        `choose a port of 1024 or above with ${flag}`,
        { cause },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new ConfigError(
        `${address} is no address of this machine (${code})`,
        `choose one with ${flag}, such as 127.0.0.1:9000`,
        { cause },
      );
    case undefined:
    default:
      return cause;
  }
}
