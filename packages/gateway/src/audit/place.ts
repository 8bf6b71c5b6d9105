import { s3Error } from "@holdfast/protocol";
import type { AuditRow } from "./audit-event.ts";

/** Where a row stands among all rows of all processes. */
export interface Place {
  readonly time: number;
  /** The process that wrote it, and how many rows it had written before. */
  readonly process: string;
  readonly serial: number;
}

/** Below zero when `one` comes first. */
export function comparePlaces(one: Place, other: Place): number {
  if (one.time !== other.time) return one.time - other.time;
  if (one.process !== other.process) return one.process < other.process ? -1 : 1;
  return one.serial - other.serial;
}

/** A row's id, from which its place follows. */
export function idOf({ process, serial }: Pick<Place, "process" | "serial">): string {
  return `${process}-${serial}`;
}

/** The place of a row. */
export function placeOf({ id, time }: Pick<AuditRow, "id" | "time">): Place {
  const mark = id.indexOf("-");
  return { time, process: id.slice(0, mark), serial: Number(id.slice(mark + 1)) };
}

/** A place as a token that says nothing to who holds it. */
export function tokenOf({ time, process, serial }: Place): string {
  return Buffer.from(`${time}.${process}.${serial}`).toString("base64url");
}

/** Throws `InvalidArgument` for what `tokenOf` never made. */
export function placeOfToken(token: string): Place {
  const text = Buffer.from(token, "base64url").toString("latin1");
  const [, time, process = "", serial] = /^(\d{1,15})\.([0-9a-f]{8})\.(\d{1,15})$/.exec(text) ?? [];
  if (time === undefined || serial === undefined) {
    throw s3Error("InvalidArgument", undefined, {
      message: "The token is not one that was given.",
      reason: "malformed_audit_token",
    });
  }
  return { time: Number(time), process, serial: Number(serial) };
}
