import { redact } from "../errors/redact.ts";
import { WireFailure } from "../errors/wire-failure.ts";

/** The failure of a setting: `where` is the file with its line, or the variable. The value is never told. */
export function invalidConfiguration(where: string, problem: string, cause?: unknown): WireFailure {
  const plain = `${where}: ${problem}`;
  // After the name of a secret and a colon, the first word of the problem would be taken for its value.
  const message = redact(plain) === plain ? plain : `${where} is wrong: ${problem}`;
  return new WireFailure({ code: "InvalidConfiguration", message, cause });
}
