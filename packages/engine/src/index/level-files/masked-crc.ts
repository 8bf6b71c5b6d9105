import { crc32c } from "../../checksums/crc32c.ts";

/** The CRC-32C of pieces in a row as LevelDB stores it: rotated and moved (util/crc32c.h). */
export function maskedCrc(...pieces: readonly Buffer[]): number {
  let crc = 0;
  for (const piece of pieces) crc = crc32c(piece, crc);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
