import { ConfigError } from "../config/config-error.ts";
import { settings } from "../config/settings.ts";
import { errorCode } from "../error-code.ts";

const database = `restore it from a backup, or name another with ${settings.controlDatabase.env}`;
const keys = `restore the file of master keys, or name the right one with ${settings.masterKeyFile.env}`;

/** By the code of a control plane that did not open: what to do. */
const mends = new Map([
  ["DATABASE_BUSY", "end the program that holds it, such as a shell of SQLite in a transaction"],
  ["DATABASE_DAMAGED", database],
  ["DATABASE_FAILED", "check its disk and permissions"],
  ["DATABASE_NEWER", "serve it with the version that wrote it"],
  ["KEY_EXPOSED", "give it to the user who runs the server, with mode 0600"],
  ["KEY_MALFORMED", keys],
  ["KEY_MISSING", keys],
  ["KEY_WRONG", keys],
]);

/** What an operator can do about a control plane that does not open; any other failure as it is. */
export function controlFailure(cause: unknown): unknown {
  const mend = mends.get(errorCode(cause) ?? "");
  if (mend === undefined || !(cause instanceof Error)) return cause;
  return new ConfigError(`The control plane does not open, for ${cause.message}`, mend, { cause });
}
