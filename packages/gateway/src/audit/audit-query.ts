import type { AuditKind, AuditRow } from "./audit-event.ts";
import { comparePlaces, placeOf, placeOfToken, tokenOf, type Place } from "./place.ts";
import { listSegments } from "./segment.ts";
import { sweep } from "./sweep.ts";

/** Which rows are asked for; what is absent does not matter. */
export interface AuditFilter {
  /** In milliseconds since 1970; inclusive. */
  readonly from?: number | undefined;
  /** In milliseconds since 1970; exclusive. */
  readonly to?: number | undefined;
  readonly kind?: AuditKind | undefined;
  readonly tenant?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly address?: string | undefined;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  /** What the key begins with; a row without a key is not asked for, whatever it is. */
  readonly prefix?: string | undefined;
  readonly operation?: string | undefined;
  readonly reason?: string | undefined;
  readonly requestId?: string | undefined;
  /** The first digit of the status. */
  readonly statusClass?: 2 | 3 | 4 | 5 | undefined;
}

export interface AuditQuery extends AuditFilter {
  /** From 1 to 1,000; 100 unless told. */
  readonly limit?: number | undefined;
  /** Of the page before. */
  readonly token?: string | undefined;
}

export interface AuditPage {
  /** The newest first. May be short, or empty, of a page that is not the last. */
  readonly rows: readonly AuditRow[];
  /** Where to go on; absent on the last page. */
  readonly next?: string | undefined;
}

const auditLimitMax = 1000;
const limitUsually = 100;
/** A page ends when it has looked at so many rows: a question with few answers must not keep a server from its work. */
const rowsPerPageMax = 50_000;

const compared = [
  "kind",
  "tenant",
  "accessKeyId",
  "address",
  "bucket",
  "key",
  "operation",
  "reason",
  "requestId",
] as const satisfies readonly (keyof AuditFilter & keyof AuditRow)[];

/** Whether a row is asked for. */
export function matches(row: AuditRow, filter: AuditFilter): boolean {
  const { from = -Infinity, to = Infinity, statusClass, prefix } = filter;
  if (row.time < from || row.time >= to) return false;
  if (statusClass !== undefined && Math.floor((row.status ?? 0) / 100) !== statusClass)
    return false;
  if (prefix !== undefined && row.key?.startsWith(prefix) !== true) return false;
  return compared.every((name) => filter[name] === undefined || filter[name] === row[name]);
}

/** One page of the audit in a directory. Throws `InvalidArgument` for a token that was never given. */
export async function queryAudit(directory: string, query: AuditQuery): Promise<AuditPage> {
  const limit = Math.max(1, Math.min(query.limit ?? limitUsually, auditLimitMax));
  const rows: AuditRow[] = [];
  let looked = 0;
  for await (const [row, place] of backwards(directory, query)) {
    if (matches(row, query)) rows.push(row);
    looked += 1;
    if (rows.length === limit || looked === rowsPerPageMax) return { rows, next: tokenOf(place) };
  }
  return { rows };
}

/** Rows in the time that is asked for, from where the page before ended. */
async function* backwards(
  directory: string,
  { token, from = -Infinity, to = Infinity }: AuditQuery,
): AsyncGenerator<readonly [AuditRow, Place]> {
  const cursor = token === undefined ? undefined : placeOfToken(token);
  const newest = Math.min(to, cursor?.time ?? Infinity);
  const segments = (await listSegments(directory)).filter(
    (segment) => segment.from <= newest && segment.to >= from,
  );
  for await (const row of sweep(segments, "backward")) {
    if (row.time < from) return;
    const place = placeOf(row);
    const isBefore = cursor === undefined || comparePlaces(place, cursor) < 0;
    if (isBefore && row.time < to) yield [row, place];
  }
}
