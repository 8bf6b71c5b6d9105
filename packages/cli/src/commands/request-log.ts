import type { RequestRecord } from "@holdfast/gateway";
import { printable } from "../printable.ts";
import type { Terminal } from "../terminal.ts";

/** Each request as a line of JSON on stdout; those of one turn of the event loop go out together. */
export function jsonLog({ out }: Terminal): (record: RequestRecord) => void {
  let lines = "";
  // A write to a pipe holds up the whole process until it is done.
  const flush = (): void => {
    out(lines);
    lines = "";
  };
  return (record) => {
    if (lines === "") setImmediate(flush);
    lines += `${JSON.stringify(record)}\n`;
  };
}

/** Only what the server itself failed at, on stderr for whoever sits before it. */
export function failureLog({ err }: Terminal): (record: RequestRecord) => void {
  return (record) => {
    if (record.status < 500) return;
    const { bucket, key, status, code = "", reason = "", operation, requestId, cause } = record;
    const target =
      bucket === undefined ? "" : ` ${printable(JSON.stringify([bucket, key ?? ""].join("/")))}`;
    const detail = cause === undefined ? "" : `\n${cause}`;
    err(`${status} ${code} (${reason}) ${operation}${target} request ${requestId}${detail}\n`);
  };
}
