import type { ObjectInfo, PartInfo } from "../api.ts";
import type { ObjectRecord } from "../index/records.ts";

/** Where an object is. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** What a caller is told of an object. */
export function objectInfo(
  { bucket, key }: ObjectName,
  record: ObjectRecord,
  parts?: readonly PartInfo[],
): ObjectInfo {
  const { size, etag, lastModified, metadata, checksum } = record;
  return { bucket, key, size, etag, lastModified, metadata, checksum, parts };
}

/** What a caller is told of a part. */
export function partInfo({ partNumber, size, etag, lastModified, checksum }: PartInfo): PartInfo {
  return { partNumber, size, etag, lastModified, checksum };
}
