/** The most parts that S3 takes. */
export const partsMax = 10_000;
/** The least that a part but the last may have, in bytes. */
const partBytesMin = 5 * 2 ** 20;
const partBytesDefault = 8 * 2 ** 20;
/** A source that does not say how long it is gets parts of twice the size after so many. */
const partsOfOneSize = 2_000;

/** The size of each part by its number: one size where the length is known, so that 10,000 suffice. */
export function partSizes(
  totalBytes: number | undefined,
  partBytes: number = partBytesDefault,
): (partNumber: number) => number {
  const least = Math.max(partBytes, partBytesMin);
  if (totalBytes === undefined) {
    return (partNumber) => least * 2 ** Math.floor((partNumber - 1) / partsOfOneSize);
  }
  const size = Math.max(least, Math.ceil(totalBytes / partsMax));
  return () => size;
}
