import type { IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import * as v from "valibot";
import { ConfigError } from "../config/config-error.ts";
import { printable } from "../printable.ts";

/** What a server failed at; exit 1. */
export class AdminFailure extends Error {
  static {
    this.prototype.name = "AdminFailure";
  }
}

const schema = v.object({
  error: v.object({
    code: v.string(),
    message: v.string(),
    detail: v.optional(v.record(v.string(), v.string())),
  }),
});

/** What to do, by the code; any other says itself what is wrong. */
const mends = new Map([
  ["already_exists", "choose another name, or change what is there"],
  ["host_not_allowed", "ask it by an address, or add the name to adminHosts in its configuration"],
  ["no_such_bucket", "holdfast bucket list shows which there are"],
  ["no_such_credential", "holdfast credential list shows which there are"],
  ["no_such_path", "use a command and a server of the same version"],
  [
    "no_such_tenant",
    "holdfast tenant list shows which there are; holdfast tenant create makes one",
  ],
  ["no_such_upstream", "name it under upstreams in the server's configuration file first"],
  ["unauthorized", "name the file with its token by --token-file"],
]);

/** What an answer that is no success says, as the error to end with. Its text is not obeyed by a terminal. */
export async function adminRefusal(response: IncomingMessage): Promise<Error> {
  const status = response.statusCode ?? 500;
  const document = v.safeParse(schema, await json(response).catch(() => undefined));
  if (!document.success) {
    const problem = `The server answered ${status}, and not as an admin listener does`;
    return new ConfigError(problem, "name the admin listener with --admin");
  }
  const { code, message, detail = {} } = document.output.error;
  const problem = printable(message.replace(/\.$/, ""));
  const mend = printable(mendOf(code, detail));
  return status >= 500
    ? new AdminFailure(`${problem} (${code}); request ${String(response.headers["x-request-id"])}`)
    : new ConfigError(problem, mend);
}

function mendOf(code: string, { field, expects }: Readonly<Record<string, string>>): string {
  if (field !== undefined && expects !== undefined) return `${field} must be ${expects}`;
  return expects ?? field ?? mends.get(code) ?? `the server calls it ${code}`;
}
