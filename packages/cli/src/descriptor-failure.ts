import { ConfigError } from "./config/config-error.ts";

/** What an operator can do when a process, or the machine, ran out of file descriptors; undefined for any other failure. */
export function descriptorFailure(failure: unknown): ConfigError | undefined {
  for (let cause = failure; cause instanceof Error; cause = cause.cause) {
    const code = "code" in cause ? cause.code : undefined;
    if (code === "EMFILE" || code === "ENFILE") {
      return new ConfigError(
        "Fewer files may be open at once than are needed",
        "allow more, with ulimit -n 4096 in the shell or LimitNOFILE=65536 in the service",
        { cause: failure },
      );
    }
  }
  return undefined;
}
