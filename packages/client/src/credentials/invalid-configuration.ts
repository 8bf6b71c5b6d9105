import { WireFailure } from "../errors/wire-failure.ts";

/** The failure of a setting: `where` is the file with its line, or the variable. The value is never told. */
export function invalidConfiguration(where: string, problem: string, cause?: unknown): WireFailure {
  return new WireFailure({ code: "InvalidConfiguration", message: `${where}: ${problem}`, cause });
}
