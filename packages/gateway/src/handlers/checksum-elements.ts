import type { ObjectInfo } from "@holdfast/engine";
import type { XmlField } from "@holdfast/protocol";

/** `ChecksumCRC32` and its kind, with `ChecksumType`; nothing when there is no checksum. */
export function checksumElements({ checksum }: Pick<ObjectInfo, "checksum">): XmlField[] {
  if (checksum === undefined) return [];
  return [
    [`Checksum${checksum.algorithm}`, checksum.value],
    ["ChecksumType", checksum.type],
  ];
}
