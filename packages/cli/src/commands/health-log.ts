import { errnoOf, type OnHealth } from "@holdfast/engine";
import type { Terminal } from "../terminal.ts";

/** Says on stderr when writing ends and when it begins again: a line of JSON, or a sentence. */
export function healthLog({ err }: Terminal, json: boolean): OnHealth {
  return ({ writable, reason, passing = false, cause }) => {
    const errno = errnoOf(cause);
    if (json) {
      err(`${JSON.stringify({ event: "health", writable, reason, passing, errno })}\n`);
    } else if (writable) {
      err("Writes are taken again.\n");
    } else {
      const end = passing ? "until that has passed" : "until a restart";
      err(`Writes are refused ${end} (${reason} ${errno}). Reads go on.\n`);
    }
  };
}
