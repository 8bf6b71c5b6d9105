import { wholeNumber } from "../bodies/whole-number.ts";

/** The most parts that S3 takes. */
export const partsMax = 10_000;
/** The least that a part but the last may have, in bytes. */
const partBytesMin = 5 * 2 ** 20;
/** A part is held in memory, and Node 20 has no larger buffer than 4 GiB. */
const partBytesMax = 2 * 2 ** 30;
const partBytesDefault = 8 * 2 ** 20;
/** A source that does not say how long it is gets parts of twice the size after so many: enough for 5 TiB. */
const partsOfOneSize = 950;

/**
 * The size of each part by its number: one size where the length is known, so that 10,000 suffice. Throws
 * `InvalidRequest` for a `partBytes` that is no size.
 */
export function partSizes(
  totalBytes: number | undefined,
  partBytes: number = partBytesDefault,
): (partNumber: number) => number {
  const least = Math.max(wholeNumber("partBytes", partBytes, 1), partBytesMin);
  if (totalBytes === undefined) {
    const most = Math.max(least, partBytesMax);
    return (partNumber) =>
      Math.min(most, least * 2 ** Math.floor((partNumber - 1) / partsOfOneSize));
  }
  const size = Math.max(least, Math.ceil(totalBytes / partsMax));
  return () => size;
}
