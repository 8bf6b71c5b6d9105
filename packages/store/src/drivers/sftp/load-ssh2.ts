import type * as Ssh2 from "ssh2";
import { DriverFailure } from "../../errors/driver-failure.ts";

/** The library that speaks SSH. It is loaded when a connection is needed, for it is installed by those who need it. */
export async function loadSsh2(): Promise<Pick<typeof Ssh2, "Client">> {
  try {
    return (await import("ssh2")).default;
  } catch (cause) {
    const isMissing =
      cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
    if (!isMissing) throw cause;
    const message = "SFTP needs a package that is not installed: npm install ssh2";
    const code = "ERR_MODULE_NOT_FOUND";
    throw new DriverFailure({ kind: "unavailable", message, code, retryable: false, cause });
  }
}
