import type { ObjectInfo, PartInfo } from "@holdfast/engine";
import { s3Error, type ByteRange } from "@holdfast/protocol";

/** The bytes that one part of an object is. */
export interface SelectedPart {
  /** Absent when the part is empty. */
  readonly range: ByteRange | undefined;
  readonly checksum: Pick<ObjectInfo, "checksum">;
  /** How many parts there are; absent for an object that was put in one piece. */
  readonly count?: number;
}

/**
 * The part that was uploaded under this number, which need not be its place among the parts;
 * `InvalidPartNumber` when there is none. An object put in one piece is its own part 1.
 */
export function selectPart(info: ObjectInfo, partNumber: number): SelectedPart {
  const { parts } = info;
  if (parts === undefined) {
    if (partNumber > 1) throw noSuchPart(partNumber, 1);
    return { range: rangeOf(0, info.size), checksum: info };
  }
  let start = 0;
  const part = parts.find((one: PartInfo) => {
    if (one.partNumber === partNumber) return true;
    start += one.size;
    return false;
  });
  if (part === undefined) throw noSuchPart(partNumber, parts.length);
  return { range: rangeOf(start, part.size), checksum: part, count: parts.length };
}

function rangeOf(start: number, size: number): ByteRange | undefined {
  return size === 0 ? undefined : { start, end: start + size - 1 };
}

function noSuchPart(partNumber: number, count: number): Error {
  return s3Error("InvalidPartNumber", undefined, {
    extra: { PartNumberRequested: String(partNumber), ActualPartCount: String(count) },
  });
}
