import { inspect } from "node:util";
import type { Terminal } from "../terminal.ts";

/** What the admin listener itself failed at, on stderr: a line of JSON, or a sentence with the stack below it. */
export function adminFailureLog(
  { err }: Terminal,
  json: boolean,
): (requestId: string, cause: unknown) => void {
  return (requestId, failure) => {
    const cause = inspect(failure);
    err(
      json
        ? `${JSON.stringify({ event: "admin-failed", requestId, cause })}\n`
        : `The admin listener failed at request ${requestId}\n${cause}\n`,
    );
  };
}
