import type { RequestRecord } from "@holdfast/gateway";
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
    const target = bucket === undefined ? "" : ` ${printable([bucket, key ?? ""].join("/"))}`;
    const detail = cause === undefined ? "" : `\n${cause}`;
    err(`${status} ${code} (${reason}) ${operation}${target} request ${requestId}${detail}\n`);
  };
}

/** Quoted, and without a control character that a terminal would obey. */
function printable(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f]/g,
    (control) => String.raw`\u00${control.charCodeAt(0).toString(16)}`,
  );
}
