import { ConfigError } from "../config/config-error.ts";
import { errorCode } from "../error-code.ts";

/** What an operator can do about a data directory that does not open; any other failure as it is. */
export function openFailure(cause: unknown, directory: string): unknown {
  switch (errorCode(cause)) {
    case "DIRECTORY_IN_USE":
      return new ConfigError(
        `The data directory ${directory} is in use by another process`,
        "stop that one, or choose another directory with --data",
        { cause },
      );
    case "UNKNOWN_FORMAT":
      return new ConfigError(
        `The data directory ${directory} holds something else than this version's data`,
        "serve it with the version that wrote it, or choose another directory with --data",
        { cause },
      );
    case "LOG_DAMAGED":
    case "INDEX_DAMAGED":
      return new ConfigError(
        `The data directory ${directory} is damaged and was left as it is`,
        "check its disk, and restore the directory from a copy",
        { cause },
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new ConfigError(
        `The data directory ${directory} may not be written by this user`,
        "change its owner, or choose another with --data",
        { cause },
      );
    case "ENOTDIR":
    case "EEXIST":
      return new ConfigError(
        `The data directory ${directory} is no directory`,
        "choose another path with --data",
        { cause },
      );
    case "ENOSPC":
      return new ConfigError(
        `The disk of the data directory ${directory} is full`,
        "free space, or choose another with --data",
        { cause },
      );
    case undefined:
    default:
      return cause;
  }
}
