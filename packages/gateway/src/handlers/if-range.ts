import type { ObjectInfo } from "@holdfast/engine";
import { parseHttpDate, quoteEtag } from "@holdfast/protocol";

/**
 * Whether `If-Range` lets a range through: a strong etag or the exact date of this object (RFC 9110,
 * 13.1.5). A client that resumes a download must not get the end of another object.
 */
export function admitsRange(
  value: string | string[] | undefined,
  { etag, lastModified }: Pick<ObjectInfo, "etag" | "lastModified">,
  nowMs: number,
): boolean {
  if (value === undefined) return true;
  if (typeof value !== "string") return false;
  if (value === quoteEtag(etag)) return true;
  return parseHttpDate(value, nowMs) === lastModified - (lastModified % 1000);
}
