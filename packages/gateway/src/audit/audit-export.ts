import type { AuditRow } from "./audit-event.ts";
import { matches, type AuditFilter } from "./audit-query.ts";
import { listSegments } from "./segment.ts";
import { sweep } from "./sweep.ts";

/** `csv` is for spreadsheets: what one could take for a formula has an apostrophe before it. */
export type ExportFormat = "csv" | "ndjson";

/** The columns of a CSV export, in their order. */
const columns = [
  "time",
  "id",
  "kind",
  "operation",
  "status",
  "code",
  "reason",
  "principal",
  "accessKeyId",
  "tenant",
  "address",
  "bucket",
  "key",
  "copySource",
  "upstream",
  "upstreamRequestId",
  "requestId",
  "bytesIn",
  "bytesOut",
  "durationMs",
  "aborted",
  "detail",
] as const satisfies readonly (keyof AuditRow)[];

/** How much text is gathered before it is given. */
const pieceLengthMin = 16 * 1024;

/** All rows of the audit in a directory that are asked for, the oldest first, as text that is made while it is read. */
export async function* exportAudit(
  directory: string,
  filter: AuditFilter,
  format: ExportFormat,
): AsyncGenerator<string> {
  const { from = -Infinity, to = Infinity } = filter;
  const segments = (await listSegments(directory)).filter(
    (segment) => segment.from < to && segment.to >= from,
  );
  const lineOf = format === "csv" ? csvLine : jsonLine;
  let piece = format === "csv" ? `${columns.join(",")}\r\n` : "";
  for await (const row of sweep(segments, "forward")) {
    if (row.time >= to) break;
    if (!matches(row, filter)) continue;
    piece += lineOf(row);
    if (piece.length < pieceLengthMin) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

function jsonLine(row: AuditRow): string {
  return `${JSON.stringify(row)}\n`;
}

function csvLine(row: AuditRow): string {
  return `${columns.map((column) => cell(textOf(row, column))).join(",")}\r\n`;
}

function textOf(row: AuditRow, column: (typeof columns)[number]): string {
  if (column === "time") return new Date(row.time).toISOString();
  const value = row[column];
  return typeof value === "object" ? JSON.stringify(value) : String(value ?? "");
}

/** What a spreadsheet would take for a formula gets an apostrophe; keys and ids are anybody's. */
function cell(text: string): string {
  const safe = /^\s*[=+\-@|%]/.test(text) || /^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
