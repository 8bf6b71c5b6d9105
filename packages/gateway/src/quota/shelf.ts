import type { UploadName } from "./slot.ts";

/** What the keeper of a bucket tells of what is in it. Rejects only when nothing can be known now. */
export interface Shelf {
  /** How long what was sent may still be carried out once its sender is gone, in milliseconds. */
  readonly lagMs: number;
  /** Bytes of an object; 0 when there is none. */
  objectBytes(bucket: string, key: string): Promise<number>;
  /** Bytes of one part; 0 when there is none, or no such upload. */
  partBytes(upload: UploadName, partNumber: number): Promise<number>;
  /** Bytes of all parts by their numbers; nothing when there is no such upload. */
  parts(upload: UploadName): Promise<ReadonlyMap<number, number>>;
  /** A page of objects strictly after a key, in the order of their UTF-8 bytes. */
  objects(bucket: string, after: string): Promise<ObjectSizes>;
  /** A page of the uploads that are open. */
  uploads(bucket: string, after: UploadMarker): Promise<OpenUploads>;
}

export interface ObjectSizes {
  readonly objects: readonly { readonly key: string; readonly size: number }[];
  /** Pass as `after` for the next page; absent on the last one. */
  readonly next?: string | undefined;
}

/** After which upload a page begins. */
export interface UploadMarker {
  readonly keyMarker: string;
  readonly uploadIdMarker: string;
}

export interface OpenUploads {
  readonly uploads: readonly UploadName[];
  readonly next?: UploadMarker | undefined;
}
