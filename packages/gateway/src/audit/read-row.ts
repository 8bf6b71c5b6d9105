import { auditKinds, type AuditRow } from "./audit-event.ts";

const kinds: ReadonlySet<unknown> = new Set(auditKinds);

/** The row that a line is; undefined for a line that is none, as a disk may leave it after a loss of power. */
export function readRow(line: string): AuditRow | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return isRow(row) ? row : undefined;
  } catch {
    return undefined;
  }
}

function isRow(row: unknown): row is AuditRow {
  if (typeof row !== "object" || row === null) return false;
  if (!("id" in row) || typeof row.id !== "string" || !/^[0-9a-f]{8}-\d+$/.test(row.id))
    return false;
  return "time" in row && typeof row.time === "number" && "kind" in row && kinds.has(row.kind);
}
