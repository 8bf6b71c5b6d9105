import { ConfigError } from "../config/config-error.ts";
import { endpointOf, formatListen, type Listen } from "../config/listen.ts";
import { runningServer } from "../endpoint-file.ts";
import { assertCanListen } from "../port.ts";
import type { Finding } from "./finding.ts";

/** Whether the address is free, or held by the server of this very data directory. */
export async function checkPort(listen: Listen, directory: string): Promise<Finding> {
  const address = formatListen(listen);
  try {
    await assertCanListen(listen, "--listen");
    return { check: "port", status: "ok", detail: `${address} is free` };
  } catch (cause) {
    const running = await runningServer(directory);
    if ([false, true].some((isSecure) => running?.endpoint === endpointOf(listen, isSecure))) {
      return { check: "port", status: "ok", detail: `${address} is served from this directory` };
    }
    if (!(cause instanceof ConfigError)) throw cause;
    return { check: "port", status: "fail", detail: cause.problem, mend: cause.mend };
  }
}
