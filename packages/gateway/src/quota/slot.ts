/** What of a bucket is counted by itself. */
export interface Slot {
  readonly bucket: string;
  readonly key: string;
  /** Empty for an object. */
  readonly uploadId: string;
  /** Of one part; 0 for an object, and for all parts of an upload together. */
  readonly partNumber: number;
}

export function objectSlot(bucket: string, key: string): Slot {
  return { bucket, key, uploadId: "", partNumber: 0 };
}

/** All parts of an upload together, as what ends it takes them away. */
export function uploadSlot(ref: UploadName): Slot {
  const { bucket, key, uploadId } = ref;
  return { bucket, key, uploadId, partNumber: 0 };
}

export function partSlot(ref: UploadName, partNumber: number): Slot {
  const { bucket, key, uploadId } = ref;
  return { bucket, key, uploadId, partNumber };
}

export interface UploadName {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

/** Whether the slot is all parts of an upload. */
export function isWholeUpload({ uploadId, partNumber }: Slot): boolean {
  return uploadId !== "" && partNumber === 0;
}
