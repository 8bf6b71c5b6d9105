import type { Answer } from "../request/call.ts";
import type { RangeInput } from "./object-parts.ts";
import type { ReadObjectInput } from "./read-object.ts";

/** Whether the bytes of an answer are those that were asked for: the whole object, its part, or just that range of it. */
export function isAskedFor(
  { status, headers }: Answer,
  { range, partNumber }: ReadObjectInput,
): boolean {
  if (range === undefined) return status !== 206 || partNumber !== undefined;
  const sent = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers["content-range"] ?? "");
  if (status !== 206 || sent === null) return false;
  const [first, last, size] = [Number(sent[1]), Number(sent[2]), Number(sent[3])];
  const length = headers["content-length"] ?? last - first + 1;
  if (Number(length) !== last - first + 1) return false;
  if (Number.isNaN(size)) return "last" in range || first === range.start;
  const asked = spanOf(range, size);
  return first === asked.first && last === asked.last;
}

/** What a range is of an object of that size. */
function spanOf(range: RangeInput, size: number): { first: number; last: number } {
  if ("last" in range) return { first: Math.max(0, size - range.last), last: size - 1 };
  return { first: range.start, last: Math.min(range.end ?? Infinity, size - 1) };
}
